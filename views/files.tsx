/** Files that a run left: the result itself, shown where a browser can, and the others as a list. */
import type { ResultFile } from '../src/runs/model.ts'
import { attr, ownPath, safeUrl } from './attr.ts'
import { Icon, size } from './parts.tsx'
import { t } from './texts.ts'

const kindOf = (contentType: string) => /^(image|audio|video)\//.exec(contentType)?.[1] ?? 'file'

/**
 * HTML in a frame without our origin: what runs in it reaches neither our pages nor the network. The answer to `?frame=1` says
 * the same of itself. Browsers open a PDF in a viewer of their own, which they do not in a sandbox.
 */
const framed = ({ content_type }: ResultFile) => /^(text\/html|application\/pdf)\b/.test(content_type)

const isShown = (file: ResultFile) => kindOf(file.content_type) !== 'file' || framed(file)

/** An image in an <img> cannot run anything, so SVG is fine there too. */
const FileView = ({ file }: { file: ResultFile }) => {
  const url = safeUrl(ownPath(file.url))
  const kind = kindOf(file.content_type)
  if (framed(file)) return <Frame url={url} file={file} />
  if (kind === 'image')
    return (
      <a class="preview" href={url} target="_blank" rel="noopener" title={t('Open the original')}>
        <img src={url} alt={attr(file.filename)} loading="lazy" />
      </a>
    )
  return (
    <div class="preview">
      {kind === 'audio' ? (
        // biome-ignore lint/a11y/useMediaCaption: what a script made has no captions
        <audio src={url} controls="true" preload="metadata" />
      ) : (
        <Video url={url} />
      )}
    </div>
  )
}

/** `url` is safe. */
const Frame = ({ url, file: { filename, content_type } }: { url: string; file: ResultFile }) =>
  content_type === 'application/pdf' ? (
    <iframe class="framed" src={url as 'safe'} title={attr(filename)} loading="lazy" />
  ) : (
    <HtmlFrame url={`${url}?frame=1`} title={attr(filename)} />
  )

/** `url` and `title` are safe. */
export const HtmlFrame = ({ url, title }: { url: string; title: string }) => (
  <iframe class="framed" src={url as 'safe'} title={title as 'safe'} loading="lazy" sandbox="allow-scripts" />
)

/** The result of a run, where that is a file. */
export const FileBody = ({ file }: { file: ResultFile }) => (
  <>
    {isShown(file) ? <FileView file={file} /> : ''}
    <ul class="files">
      <FileRow file={file} />
    </ul>
  </>
)

/** kitajs has no `controls` among the attributes of a video. */
const Video = ({ url }: { url: string }) => {
  const player: Record<string, unknown> = { src: url, controls: true, preload: 'metadata' }
  return <video {...player} />
}

/** `all`: how many there are with the result, where that is a file. */
export const Files = ({ runId, files, all }: { runId: number; files: ResultFile[]; all: number }) => (
  <section class="panel" aria-labelledby="h-files">
    <header>
      <h2 id="h-files">{t('Files')}</h2>
      <span class="count">{files.length}</span>
      {all > 1 ? (
        <a class="button quiet small push" href={`/api/runs/${runId}/files`} download={`run-${runId}-files.tar.gz`}>
          <Icon name="download" />
          {t('Download all')}
        </a>
      ) : (
        ''
      )}
    </header>
    <ul class="files">
      {files.map((file) => (
        <FileRow file={file} folds={isShown(file)} />
      ))}
    </ul>
  </section>
)

/** `folds`: what it shows is below it, and loaded when it is unfolded. */
const FileRow = ({ file, folds = false }: { file: ResultFile; folds?: boolean }) => (
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
      aria-label={t('Download {name}', { name: file.filename })}
    >
      <Icon name="download" />
    </a>
    {folds ? (
      <details>
        <summary>{t('Preview')}</summary>
        <FileView file={file} />
      </details>
    ) : (
      ''
    )}
  </li>
)
