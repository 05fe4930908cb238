// What scripts have in common, ready to be filled in.
import { t } from '../texts.js'

const types = 'str,int,float,bool,file,choice,json,url'

export const pythonSnippets = () => [
  {
    ...{ name: 'ARGS_MAP', what: t('The parameters of the script') },
    text: `ARGS_MAP = {\n    "\${1:name}": {"flag": "--\${1:name}", "type": "\${2|${types}|}", "required": \${3|True,False|}, "help": "$4"},\n}\n$0`,
  },
  {
    ...{ name: 'param', what: t('One entry of ARGS_MAP') },
    text: `"\${1:name}": {"flag": "--\${1:name}", "type": "\${2|${types}|}", "required": \${3|True,False|}, "help": "$4"},$0`,
  },
  {
    ...{ name: 'main', what: t('The entry point, which also tells the parameters') },
    text: [
      'if __name__ == "__main__":',
      '    if "--_sys_get_schema" in sys.argv:',
      '        print(json.dumps(ARGS_MAP))',
      '        sys.exit(0)',
      '',
      '    parser = argparse.ArgumentParser(description=__doc__)',
      '    parser.add_argument("--$' + '{1:name}", required=True)',
      '    options = parser.parse_args()',
      '    print(json.dumps(main(options.$' + '{1:name}), ensure_ascii=False))',
      '$0',
    ].join('\n'),
  },
  {
    ...{ name: 'outputfile', what: t('A file that the run hands over') },
    text:
      'with open(os.path.join(os.environ["OUTPUT_DIR"], "$' +
      '{1:report.csv}"), "w", encoding="utf-8") as file:\n    $0',
  },
  { name: 'result', what: t('The result, as JSON'), text: 'print(json.dumps($1, ensure_ascii=False))$0' },
  { name: 'log', what: t('A line of the log, seen at once'), text: 'print($1, file=sys.stderr, flush=True)$0' },
  { name: 'fail', what: t('Ends the run as failed, with the reason'), text: 'sys.exit("$1")$0' },
  { name: 'secret', what: t('A variable or secret of this script'), text: 'os.environ["$1"]$0' },
]

export const javascriptSnippets = () => [
  {
    ...{ name: 'ARGS_MAP', what: t('The parameters of the script') },
    text: `const ARGS_MAP = {\n  \${1:name}: { flag: '--\${1:name}', type: '\${2|${types}|}', required: \${3|true,false|}, help: '$4' },\n}\n$0`,
  },
  {
    ...{ name: 'param', what: t('One entry of ARGS_MAP') },
    text: `\${1:name}: { flag: '--\${1:name}', type: '\${2|${types}|}', required: \${3|true,false|}, help: '$4' },$0`,
  },
  {
    ...{ name: 'main', what: t('The entry point, which also tells the parameters') },
    text: [
      'export default function main($' + '{1:name}) {',
      '  $0',
      '}',
      '',
      'if (import.meta.main) {',
      "  if (process.argv.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))",
      '  else {',
      '    const { values } = parseArgs({ strict: false, options: { $' + "{1:name}: { type: 'string' } } })",
      '    console.log(JSON.stringify(await main(values.$' + '{1:name})))',
      '  }',
      '}',
    ].join('\n'),
  },
  {
    ...{ name: 'outputfile', what: t('A file that the run hands over') },
    text: 'await Bun.write(`$' + '\\{process.env.OUTPUT_DIR\\}/$' + '{1:report.csv}`, $2)$0',
  },
  { name: 'result', what: t('The result, as JSON'), text: 'console.log(JSON.stringify($1))$0' },
  { name: 'log', what: t('A line of the log, seen at once'), text: 'console.error($1)$0' },
  {
    ...{ name: 'fail', what: t('Ends the run as failed, with the reason') },
    text: "console.error('$1')\nprocess.exit(1)$0",
  },
  { name: 'secret', what: t('A variable or secret of this script'), text: 'process.env.$' + '{1:NAME}$0' },
]

/** As Monaco shows them. */
export const toSuggestion = (monaco, range) => (snippet) => ({
  ...{ label: { label: snippet.name, description: snippet.what }, range, insertText: snippet.text },
  ...{ kind: monaco.languages.CompletionItemKind.Snippet, filterText: snippet.name },
  insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
  documentation: { value: `\`\`\`\n${snippet.text.replace(/\$\{\d+:?([^}|]*)[^}]*\}|\$\d/g, '$1')}\n\`\`\`` },
})

/** A parameter of the schema, by its name. */
export const paramSuggestion =
  (monaco, range) =>
  ({ name, type, help }) => ({
    ...{ label: { label: name, description: t('parameter, {type}', { type }) }, range, insertText: name },
    ...{ kind: monaco.languages.CompletionItemKind.Variable, documentation: help, sortText: `0${name}` },
  })
