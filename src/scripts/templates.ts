/** Complete scripts to start from, one for each runtime; inside the binary. */
import { GatewayError } from '../errors.ts'
import { type RuntimeName, runtimeNames } from './model.ts'
import js from './templates/starter.js.txt' with { type: 'text' }
import python from './templates/starter.py' with { type: 'text' }

export interface Template {
  name: RuntimeName
  runtime: RuntimeName
  /** A name to begin with. */
  filename: string
  description: string
  content: string
}

const description = 'Text in, JSON out: parameters of three kinds, a line in the log, a table as the result.'

const templates: Record<RuntimeName, Template> = {
  python: { name: 'python', runtime: 'python', filename: 'my_script.py', description, content: python },
  js: { name: 'js', runtime: 'js', filename: 'my_script.js', description, content: js },
}

export const listTemplates = (): Template[] => runtimeNames.map((name) => templates[name])

/** Throws `not_found`. */
export function getTemplate(name: string): Template {
  const template = listTemplates().find((one) => one.name === name)
  if (template) return template
  throw new GatewayError(
    'not_found',
    `There is no template "${name.slice(0, 50)}"; there are ${runtimeNames.join(' and ')}.`,
  )
}
