/** What is asked of all runs together: pages of them, and what they come to. */
import type { Db } from '../db/open.ts'
import { createRunSearch } from './search.ts'
import { createRunStats } from './stats.ts'
import { createTextPages } from './text-pages.ts'

export type History = ReturnType<typeof createHistory>

export const createHistory = ({ db }: { db: Db }) => ({
  ...createRunSearch({ db }),
  ...createRunStats({ db }),
  textPage: createTextPages({ db }),
})
