export function duration(ms: number): string
export function clock(ms: number): string
export function durationWords(ms: number): string
export function ago(ms: number): string
export function until(ms: number): string
export function bytes(size: number): string
export function count(value: number): string
