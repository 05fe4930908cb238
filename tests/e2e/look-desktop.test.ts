import { onceEach } from '../pages/page-list.ts'
import { lookAt, looks } from './look.ts'

lookAt('the first pages on a desktop, light, in English', onceEach.slice(0, onceEach.length / 2), looks.desktop)
