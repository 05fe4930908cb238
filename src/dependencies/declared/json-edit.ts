/** One object in a JSON text changed, with everything around it as it was: order, spaces, other fields. */

/** Offsets of a member of the outermost object: from its key to behind its value. */
interface Member {
  key: string
  from: number
  valueFrom: number
  to: number
}

/**
 * The text with `value` under `key` of the outermost object, indented as the rest is; `undefined` takes it away. `text` must be a
 * JSON object.
 */
export function setMember(text: string, key: string, value: unknown): string {
  const { members, open, close } = membersOf(text)
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? (text.includes('\n') || members.length === 0 ? '  ' : '')
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const member = members.findLast((one) => one.key === key) // of two, the last one counts
  if (value === undefined) return member ? without(text, members, member) : text
  const rendered = indent
    ? JSON.stringify(value, null, indent).replaceAll('\n', `${eol}${indent}`)
    : JSON.stringify(value)
  if (member) return text.slice(0, member.valueFrom) + rendered + text.slice(member.to)
  const last = members.at(-1)
  const line = indent ? `${eol}${indent}` : ''
  const added = `${line}${JSON.stringify(key)}: ${rendered}`
  if (last) return `${text.slice(0, last.to)},${added}${text.slice(last.to)}`
  return `${text.slice(0, open + 1)}${added}${indent ? eol : ''}${text.slice(close)}`
}

function without(text: string, members: Member[], member: Member): string {
  const index = members.indexOf(member)
  const after = members[index + 1]
  const before = members[index - 1]
  if (after) return text.slice(0, member.from) + text.slice(after.from)
  return text.slice(0, before ? before.to : member.from) + text.slice(member.to)
}

const word = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g

function membersOf(text: string): { members: Member[]; open: number; close: number } {
  const members: Member[] = []
  let [depth, open, close] = [0, 0, text.length]
  let member: Member | null = null
  for (const { 0: token, index } of text.matchAll(word)) {
    const end = index + token.length
    if (token === '{' || token === '[') {
      if (depth++ === 0) open = index
      else if (depth === 2 && member && member.valueFrom === -1) member.valueFrom = index
    } else if (token === '}' || token === ']') {
      if (--depth === 0) close = index
      if (depth === 1 && member) member.to = end
    } else if (depth === 1 && token === ',') member = null
    else if (depth === 1 && token !== ':') {
      if (!member) {
        member = { key: JSON.parse(token), from: index, valueFrom: -1, to: end }
        members.push(member)
      } else Object.assign(member, { valueFrom: index, to: end })
    }
  }
  return { members, open, close }
}
