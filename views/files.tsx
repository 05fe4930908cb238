/** Files that a run left: the result itself, shown where a browser can, and the others as a list. */
import type { ResultFile } from '../src/runs/model.ts'
import { attr, ownPath, safeUrl } from './attr.ts'
import { Icon, size } from './parts.tsx'

const kindOf = (contentType: string) => /^(image|audio|video)\//.exec(contentType)?.[1] ?? 'file'

/** An image in an <img> cannot run anything, so SVG is fine there too. */
export const FileBody = ({ file }: { file: ResultFile }) => {
  const url = safeUrl(ownPath(file.url))
  const kind = kindOf(file.content_type)
  return (
    <>
      {kind === 'image' ? (
        <a class="preview" href={url} target="_blank" rel="noopener">
          <img src={url} alt={attr(file.filename)} />
        </a>
      ) : kind === 'audio' ? (
        <div class="preview">
          {/* biome-ignore lint/a11y/useMediaCaption: what a script made has no captions */}
          <audio src={url} controls="true" preload="metadata" />
        </div>
      ) : kind === 'video' ? (
        <div class="preview">
          <Video url={url} />
        </div>
      ) : (
        ''
      )}
      <ul class="files">
        <FileRow file={file} />
      </ul>
    </>
  )
}

/** kitajs has no `controls` among the attributes of a video. */
const Video = ({ url }: { url: string }) => {
  const player: Record<string, unknown> = { src: url, controls: true, preload: 'metadata' }
  return <video {...player} />
}

export const Files = ({ files }: { files: ResultFile[] }) => (
  <section class="panel" aria-labelledby="h-files">
    <header>
      <h2 id="h-files">Files</h2>
      <span class="count">{files.length}</span>
    </header>
    <ul class="files">
      {files.map((file) => (
        <FileRow file={file} />
      ))}
    </ul>
  </section>
)

const FileRow = ({ file }: { file: ResultFile }) => (
  <li>
    <span class="thumb">
      <Icon name={kindOf(file.content_type) === 'image' ? 'image' : 'file'} />
    </span>
    <a class="cut" href={safeUrl(ownPath(file.url))} target="_blank" rel="noopener" safe>
      {file.filename}
    </a>
    <small>{size(file.size)}</small>
    <a
      class="button quiet only small"
      href={safeUrl(ownPath(file.url))}
      download={attr(file.filename)}
      aria-label={attr(`Download ${file.filename}`)}
    >
      <Icon name="download" />
    </a>
  </li>
)
