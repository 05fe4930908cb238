export interface AnsiSegment {
  text: string
  cls: string
}
export function ansiSegments(text: string): AnsiSegment[]
export function plain(text: string): string
export function afterReturn(line: string): string
