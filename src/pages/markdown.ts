/** Markdown as HTML that may stand in a page of ours: no markup of its own, no address that does anything. */

/** Longer ones are shown as text: what is written to be slow takes a tenth of a second for so many. */
const charsMax = 50_000

type Renderer = Awaited<ReturnType<typeof createRenderer>>

/** Read from disk when somebody looks at the first one. */
let renderer: Promise<Renderer> | null = null

/** null where a text is none. */
export async function markdownOf(text: string): Promise<string | null> {
  if (text.length > charsMax || !looksLikeMarkdown(text)) return null
  renderer ??= createRenderer()
  return (await renderer).render(text)
}

/** A heading, a fence, a table or a link: what nobody prints by accident. */
export const looksLikeMarkdown = (text: string) =>
  /^#{1,6} \S/m.test(text) ||
  /^(```|~~~)/m.test(text) ||
  /^\|?\s*:?-{3,}:?\s*\|/m.test(text) ||
  /\[[^\]\n]+\]\((https?:|mailto:)[^)\s]+\)/.test(text)

const isLink = (url: string) => /^(https?:\/\/|mailto:)/i.test(url)
/** Nothing is loaded from elsewhere because somebody looks at a result. */
const isImage = (url: string) => /^(data:image\/(png|jpeg|gif|webp);|\/static\/)/i.test(url)

/** Below the headings of the page. */
const headingsDown = 2

async function createRenderer() {
  const { default: Markdown } = await import('markdown-it')
  const markdown = new Markdown({ html: false, linkify: false })
  markdown.validateLink = (url: string) => isLink(url) || isImage(url)
  const { rules } = markdown.renderer
  rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]!
    if (!isLink(String(token.attrGet('href') ?? ''))) token.attrs = []
    else {
      token.attrSet('rel', 'noopener noreferrer')
      token.attrSet('target', '_blank')
    }
    return self.renderToken(tokens, index, options)
  }
  const image = rules.image!
  rules.image = (tokens, index, options, env, self) =>
    isImage(String(tokens[index]!.attrGet('src') ?? ''))
      ? image(tokens, index, options, env, self)
      : markdown.utils.escapeHtml(tokens[index]!.content)
  const down = (tag: string) => `h${Math.min(6, Number(tag[1]) + headingsDown)}`
  for (const rule of ['heading_open', 'heading_close'] as const)
    rules[rule] = (tokens, index, options, _env, self) => {
      const token = tokens[index]!
      token.tag = down(token.tag)
      return self.renderToken(tokens, index, options)
    }
  // A style would be refused by the policy of the page.
  for (const rule of ['th_open', 'td_open'] as const)
    rules[rule] = (tokens, index, options, _env, self) => {
      const token = tokens[index]!
      token.attrs = /right/.test(String(token.attrGet('style') ?? '')) ? [['class', 'n']] : []
      return self.renderToken(tokens, index, options)
    }
  // One that is wider than its place is scrolled by keys, too.
  const code = (content: string) => `<pre tabindex="0"><code>${markdown.utils.escapeHtml(content)}</code></pre>\n`
  rules.fence = (tokens, index) => code(tokens[index]!.content)
  rules.code_block = (tokens, index) => code(tokens[index]!.content)
  return markdown
}
