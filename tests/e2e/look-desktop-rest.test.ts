import { onceEach } from '../pages/page-list.ts'
import { lookAt, looks } from './look.ts'

lookAt('the other pages on a desktop, light, in English', onceEach.slice(onceEach.length / 2), looks.desktop)
