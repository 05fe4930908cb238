export const dependencies = {}
