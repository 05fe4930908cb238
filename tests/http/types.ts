/** A parameter of every type, and what says in JSON what it was started with. */
export const params = {
  text: { type: 'str' },
  count: { type: 'int', min: -10, max: 10 },
  ratio: { type: 'float' },
  on: { type: 'bool' },
  flag: { type: 'bool', action: 'store_true' },
  size: { type: 'choice', choices: ['small', 'large'] },
  dpi: { type: 'choice', choices: [72, 300] },
  data: { type: 'json' },
  page: { type: 'url' },
  names: { type: 'str', multiple: true },
  numbers: { type: 'int', multiple: true },
  code: { type: 'str', pattern: '^[A-Z]{2}\\d+$' },
  colour: { type: 'colour' },
}

export const echo = 'console.log(JSON.stringify(args))'
