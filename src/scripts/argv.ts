import type { Runtime } from '../runtimes/model.ts'
import type { Param } from './model.ts'

/** The arguments of a call (contract, "Calling"), in schema order. `values` are converted and valid. */
export function toArguments(params: Param[], values: Record<string, unknown>, runtime: Runtime): string[] {
  return params.flatMap((param) => {
    const value = Object.hasOwn(values, param.name) ? values[param.name] : undefined
    if (value === undefined) return []
    if (param.storeTrue) return value === true ? [param.flag] : []
    const items = param.multiple && Array.isArray(value) ? value : [value]
    return items.flatMap((item: unknown) => runtime.argument(param.flag, toText(param, item)))
  })
}

function toText({ type }: Param, value: unknown): string {
  if (type === 'json') return JSON.stringify(value)
  if (type === 'bool') return value ? '1' : '0'
  return String(value)
}
