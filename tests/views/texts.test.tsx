/** Every text of the pages is in one place, in every language, and no page has one of its own. */
import { expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import ts from 'typescript'
import { channels } from '../../src/channels/channels.ts'
import { channelWords } from '../../views/texts/zh/channels.ts'
import { areas, zh } from '../../views/texts/zh.ts'
import { gap, inLanguage, languages, listed, markup, plural, say, sentences, t } from '../../views/texts.ts'

const root = resolve(import.meta.dir, '../..')

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

test('each text has the same places in every language', () => {
  const wrong = Object.entries(zh).filter(([english, chinese]) => {
    const [asked, given] = [places(english), places(chinese)]
    return given.some((name) => !asked.includes(name)) || asked.some((name) => name !== 'n' && !given.includes(name))
  })
  expect(wrong).toEqual([])
})

test('Chinese has its own punctuation, which brings its own space', () => {
  const han = '[\\u4e00-\\u9fa5]'
  const half = new RegExp(`${han}[,;:?!()]|[,;:?!(]${han}|${han}\\.( |$)|[。，；：！？] .`)
  expect(Object.values(zh).filter((text) => half.test(text))).toEqual([])
  expect(['好,', '好. ', '(好', '好。 坏'].filter((text) => !half.test(text))).toEqual([])
})

test('no text is empty, and none is said twice', () => {
  const seen = new Map<string, string>()
  const wrong: string[] = []
  for (const [area, texts] of Object.entries(areas))
    for (const [english, chinese] of Object.entries(texts)) {
      if (chinese.trim() === '') wrong.push(`${area}: "${english}" is empty`)
      if (seen.has(english))
        wrong.push(`"${english}" is in ${seen.get(english)} and in ${area}: once, in common.ts, is enough`)
      seen.set(english, area)
    }
  expect(wrong).toEqual([])
})

test('what channels ask for has a row, and no row is for nothing', () => {
  /** The same in both languages. */
  const brands = ['Discord', 'Slack', 'Telegram', 'Webhook', 'ntfy', '']
  const asked = Object.values(channels).flatMap(({ label, fields }) => [
    label,
    ...fields.flatMap((field) => [field.label, field.help]),
  ])
  const known = [...brands, ...Object.keys(channelWords)]
  expect([...new Set(asked)].filter((text) => !known.includes(text))).toEqual([])
  expect(known.filter((text) => !asked.includes(text))).toEqual([])
})

test('every text that is asked for in a browser is one that browsers get', async () => {
  const missing: string[] = []
  for (const file of new Glob('public/js/**/*.js').scanSync(root)) {
    const text = await Bun.file(join(root, file)).text()
    for (const [, , key] of text.matchAll(/\bt\(\s*(['"`])((?:(?!\1).)+)\1/g))
      if (!key!.includes('${') && !Object.hasOwn(areas.browser, key!)) missing.push(`${file}: ${key}`)
    for (const [, one, many] of text.matchAll(/\bplural\([^,]+,\s*'([^']+)',\s*'([^']+)'/g))
      for (const key of [one!, many!]) if (!Object.hasOwn(areas.browser, key)) missing.push(`${file}: ${key}`)
  }
  expect(missing).toEqual([])
})

test('no text is there that nobody asks for', async () => {
  let all = ''
  for (const folder of ['views', 'src/pages', 'public/js'])
    for (const file of new Glob('**/*.{ts,tsx,js}').scanSync(join(root, folder)))
      if (!file.includes('texts/zh')) all += await Bun.file(join(root, folder, file)).text()
  const unused = Object.keys(zh).filter((key) => {
    const asTyped = [key.replaceAll("'", "\\'"), key.replaceAll('"', '\\"')]
    return ![key, ...asTyped].some(
      (one) =>
        all.includes(`'${one}'`) || all.includes(`"${one}"`) || all.includes(`${one}:`) || all.includes(`{ ${one}`),
    )
  })
  expect(unused.filter((key) => !key.startsWith('Theme: '))).toEqual([])
})

/** Attributes that people read, or hear. */
const readAttributes = /^(aria-label|aria-description|title|placeholder|alt|label|word|help|data-confirm(-\w+)?)$/
/** Names, and what is typed as it is, are the same in every language. */
const sameEverywhere = /^(code|kbd|pre|samp|script|style)$/
const hasWords = (text: string) => /\p{L}{2,}/u.test(text.replaceAll(/&\w+;/g, ''))
const names =
  /^([A-Z]+(_[A-Z]+)+|ScriptGateway|Python|JavaScript|TypeScript|Bun|CSV|JSON|JSONL|UTC|API|stdout|stderr|Swagger|OpenAPI)$/

function bareTexts(file: string, source: string): string[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  const found: string[] = []
  const tell = (node: ts.Node, text: string): void => {
    const shown = text
      .trim()
      .replaceAll(/\s+/g, ' ')
      .replace(/^[·←] /, '')
    if (hasWords(shown) && !names.test(shown))
      found.push(`${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${shown}`)
  }
  const visit = (node: ts.Node) => {
    if (ts.isJsxElement(node) && sameEverywhere.test(node.openingElement.tagName.getText())) return
    if (ts.isJsxText(node)) tell(node, node.text)
    if (ts.isJsxAttribute(node) && readAttributes.test(node.name.getText()) && node.initializer)
      literalsIn(node.initializer)
    if (ts.isJsxExpression(node) && node.expression && ts.isJsxElement(node.parent)) literalsIn(node.expression)
    ts.forEachChild(node, visit)
  }
  /** Texts that an expression gives: not the ones it hands to a function, compares, or looks something up with. */
  const literalsIn = (node: ts.Node): void => {
    if (isElsewhere(node)) return
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) tell(node, node.text)
    else if (ts.isTemplateExpression(node)) {
      tell(node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' '))
    } else
      ts.forEachChild(node, (child) => {
        const isCondition = ts.isConditionalExpression(node) && child === node.condition
        if (!isCondition && !ts.isTypeNode(child)) literalsIn(child)
      })
  }
  visit(tree)
  return found
}

const isElsewhere = (node: ts.Node) =>
  ts.isCallExpression(node) ||
  ts.isElementAccessExpression(node) ||
  ts.isJsxElement(node) ||
  ts.isJsxSelfClosingElement(node) ||
  ts.isArrowFunction(node) ||
  (ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText()))

test('no view has a text of its own', async () => {
  const found: string[] = []
  for (const file of new Glob('views/**/*.tsx').scanSync(root))
    found.push(...bareTexts(file, await Bun.file(join(root, file)).text()))
  expect(found).toEqual([])
})

test('a text of its own would be found', () => {
  const source = `const a = <p title="A title">Some words<b>{n === 1 ? 'one run' : \`\${n} runs\`}</b><code>AUTH=off</code>{t('Fine')}</p>`
  expect(bareTexts('a.tsx', source)).toEqual([
    'a.tsx:1 A title',
    'a.tsx:1 Some words',
    'a.tsx:1 one run',
    'a.tsx:1 runs',
  ])
})

test('languages', () => {
  expect(Object.keys(languages)).toEqual(['en', 'zh-CN'])
  expect(t('Stop {name}', { name: '<b>"x"' })).toBe('Stop &lt;b&gt;&quot;x&quot;' as never)
  expect(say('Stop {name}', { name: '<b>' })).toBe('Stop <b>')
  const chinese = <T,>(act: () => T) => inLanguage('zh-CN', act)
  expect(chinese(() => t('Stop {name}', { name: 'x' }))).toBe('停止 x' as never)
  expect(chinese(() => plural(12_345, '1 new run', '{n} new runs'))).toBe('12,345 次新运行' as never)
  expect(plural(1, '1 new run', '{n} new runs')).toBe('1 new run')
  const help = () => [sentences(['A size.', '', say('Required')]), gap(), listed(['int', false, say('many')])]
  expect(help()).toEqual(['A size. Required', ' ', 'int, many'])
  expect(chinese(help)).toEqual(['A size. 必填', '', 'int，多个'])
  expect(chinese(() => sentences([say('Default {value}.', { value: 1 }), say('Required')]))).toBe('默认 1。必填')
  expect(String(markup('Stop {name}', { name: <i>y</i> }))).toBe('Stop <i>y</i>')
})
