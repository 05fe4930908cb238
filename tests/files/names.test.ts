import { describe, expect, test } from 'bun:test'
import { contentDisposition, filenameOfDisposition } from '../../src/files/disposition.ts'
import { safeFilename } from '../../src/files/names.ts'
import { contentTypeOf, extensionForType } from '../../src/results/content-types.ts'

describe('a file name from outside', () => {
  const rows: [string, string, string][] = [
    ['stays as it is', 'photo.png', 'photo.png'],
    ['keeps its language', 'Übergrößen 写真.png', 'Übergrößen 写真.png'],
    ['keeps characters that are made of several', 'क्षि👩‍🚀.txt', 'क्षि👩‍🚀.txt'],
    ['is composed', 'e\u0301.txt', 'é.txt'],
    ['loses its folders', '/etc/passwd', 'passwd'],
    ['loses the way up', '../../x.txt', 'x.txt'],
    ['loses the folders of Windows', 'C:\\Users\\ann\\x.txt', 'x.txt'],
    ['is not a hidden file', '.htaccess', 'htaccess'],
    ['is not an option', '--output=x', 'output=x'],
    ['is not the folder itself', '..', 'file'],
    ['has no end in dots or spaces', 'a.txt. . ', 'a.txt'],
    ['has no control characters', 'a\u0000b\r\nc\u001b.txt', 'abc.txt'],
    ['does not read backwards', 'a\u202egnp.exe', 'agnp.exe'],
    ['does nothing in a quoted shell command', 'a"$(id)`id`.txt', 'a__(id)_id_.txt'],
    ['has a name at least', '', 'file'],
    ['is not only blanks', ' / ', 'file'],
    ['survives half a character', 'a\ud800.txt', 'a.txt'],
  ]
  test.each(rows)('%s', (_name, sent, expected) => expect(safeFilename(sent)).toBe(expected))

  test('is at most 200 bytes long, with its extension and no half character', () => {
    const name = safeFilename(`${'写'.repeat(300)}.png`)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
    expect(name).toMatch(/^写+\.png$/)
    expect(Buffer.byteLength(safeFilename(`a.${'x'.repeat(500)}`))).toBe(200)
    expect(Buffer.byteLength(safeFilename('İ'.repeat(400)))).toBe(200)
  })
})

describe('the header Content-Disposition', () => {
  const names = ['a.txt', 'Été 写真.png', 'a"b\\c.txt', "it's (1)*.txt", '100%.txt', 'a;b,c.txt', 'a b.txt']
  test.each(names)('carries %s there and back', (name) => {
    const header = contentDisposition('attachment', name)
    expect(header).toMatch(/^[\x20-\x7e]+$/)
    expect(filenameOfDisposition(header)).toBe(name)
  })

  const rows: [string, string][] = [
    ['attachment; filename=plain.txt', 'plain.txt'],
    ['attachment; filename="a \\"b\\".txt"', 'a "b".txt'],
    ['inline; FILENAME = "x.png" ; size=3', 'x.png'],
    ['attachment; filename="a.txt"; filename*=UTF-8\'\'%E5%86%99.txt', '写.txt'],
    ['attachment; filename="a.txt"; filename*=UTF-8\'\'%FF.txt', 'a.txt'],
    ['attachment', ''],
    ['', ''],
  ]
  test.each(rows)('%s is understood', (header, expected) => expect(filenameOfDisposition(header)).toBe(expected))
})

test.each([
  ['a.txt', 'text/plain'],
  ['A.PNG', 'image/png'],
  ['a.tar.gz', 'application/gzip'],
  ['table.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['sub/a.svg', 'image/svg+xml'],
  ['.txt', 'application/octet-stream'],
  ['a.', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
  ['none', 'application/octet-stream'],
])('the content type of %s is %s', (name, expected) => expect(contentTypeOf(name)).toBe(expected))

test.each([
  ['image/jpeg', '.jpg'],
  ['Image/PNG; charset=x', '.png'],
  ['text/plain', '.txt'],
  ['audio/x-wav', '.wav'],
  ['what/ever', '.bin'],
  ['', '.bin'],
])('the extension for %s is %s', (type, expected) => expect(extensionForType(type)).toBe(expected))
