/** The files of the code editor that are inside the executable: build.ts puts this file's place holder right. */

/** Name with the ending of its encoding → where Bun finds it; null in a checkout, which makes them when they are asked for. */
export const embedded: Record<string, string> | null = null
