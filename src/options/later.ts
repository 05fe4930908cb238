/** Kept for parts that do not exist yet. */
import { isUrl, option } from './option.ts'

export const laterOptions = {
  notify_url: option('str', 'NOTIFY_URL', '', 'Address told about finished runs. Kept, but nothing is sent yet.', {
    isUrl,
  }),
}
