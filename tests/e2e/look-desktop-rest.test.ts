import { pages } from '../pages/page-list.ts'
import { lookAt, looks } from './look.ts'

lookAt('the other pages on a desktop, light, in English', pages.slice(pages.length / 2), looks.desktop)
