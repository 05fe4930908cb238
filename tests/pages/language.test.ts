/** Who reads what in which language. */
import { expect, test } from 'bun:test'
import { languageOf } from '../../src/pages/language.ts'
import { startApp } from '../harness/app.ts'

test.each<[string, string, string]>([
  ['', '', 'en'],
  ['', 'zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  ['', 'zh-TW', 'zh-CN'],
  ['', 'de-DE,de;q=0.9', 'en'],
  ['', 'en;q=0.5, zh;q=0.9', 'zh-CN'],
  ['', 'en, zh', 'en'],
  ['', 'zh;q=0', 'en'],
  ['', 'zhx, x-zh', 'en'],
  ['', `${'x,'.repeat(600)}zh`, 'en'],
  ['sg_language=zh-CN', 'en', 'zh-CN'],
  ['other=1; sg_language=en', 'zh', 'en'],
  ['sg_language=constructor', 'en', 'en'],
  ['xsg_language=zh-CN', 'en', 'en'],
])('cookie "%s", Accept-Language "%s": %s', (cookie, accepted, language) => {
  const headers = { cookie, 'accept-language': accepted }
  expect(languageOf(new Request('http://localhost/', { headers }))).toBe(language as never)
})

const gateway = await startApp()

const choose = (language: string, referer?: string) =>
  gateway.fetch('/language', {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(referer && { referer }) },
    body: new URLSearchParams({ language }),
  })

test('a page is in the language that was chosen, and says which', async () => {
  const chosen = await choose('zh-CN', `${gateway.url}/executions?status=failed`)
  expect([chosen.status, chosen.headers.get('location')]).toEqual([303, `${gateway.url}/executions?status=failed`])
  const cookie = chosen.headers.get('set-cookie')!.split(';')[0]!
  const chinese = await (await gateway.fetch('/', { headers: { cookie } })).text()
  expect(chinese).toContain('<html lang="zh-CN"')
  expect(chinese).toContain('运行记录')
  const english = await (await gateway.fetch('/')).text()
  expect(english).toContain('<html lang="en"')
  expect(english.replace('中文', '')).not.toMatch(/[\u4e00-\u9fff]/)
})

test('without the page it was chosen on, back to the first one', async () => {
  expect((await choose('zh-CN')).headers.get('location')).toBe('/')
})

test('a path with two slashes leads nobody to another host', async () => {
  const location = (await choose('en', `${gateway.url}//evil.test/`)).headers.get('location')!
  expect(new URL(location, gateway.url).host).toBe(new URL(gateway.url).host)
})

test('a language that is not there changes nothing', async () => {
  const answer = await choose('constructor')
  expect(answer.headers.get('set-cookie')).toStartWith('sg_language=en;')
})
