export function speakBy(find: () => Record<string, string> | undefined): void
export function t(text: string, values?: Record<string, string | number>): string
export function plural(n: number, one: string, many: string, values?: Record<string, string | number>): string
export function loadTexts(): Promise<void>
