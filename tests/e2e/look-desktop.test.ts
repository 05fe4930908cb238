import { pages } from '../pages/page-list.ts'
import { lookAt, looks } from './look.ts'

lookAt('the first pages on a desktop, light, in English', pages.slice(0, pages.length / 2), looks.desktop)
