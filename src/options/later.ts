/** Kept for parts that do not exist yet. */
import { isUrl, option } from './option.ts'

export const laterOptions = {
  notify_url: option('str', 'NOTIFY_URL', '', 'Address told about finished runs. Kept, but nothing is sent yet.', {
    isUrl,
  }),
  pip_index_url: option('str', 'PIP_INDEX_URL', '', 'Python package index. Kept, but nothing is installed yet.', {
    isUrl,
  }),
  npm_config_registry: option('str', 'NPM_CONFIG_REGISTRY', '', 'npm registry. Kept, but nothing is installed yet.', {
    isUrl,
  }),
}
