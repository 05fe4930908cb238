import { onceEach } from '../pages/page-list.ts'
import { lookAt, looks } from './look.ts'

lookAt('any page on a phone, dark, in Chinese', onceEach, looks.phone)
