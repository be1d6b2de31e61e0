import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

/** Names a template may call besides the built-in blocks. They return text, or a SafeString of our own making. */
export type Helpers = Record<string, (...values: unknown[]) => unknown>;

export type Renderer<Views extends object> = <Name extends keyof Views>(name: Name, view: Views[Name]) => string;

/**
 * Compiles each template once, at boot, from disk. A field the view lacks is an error, not an empty string;
 * unescaped output does not compile.
 */
export function createRenderer<Views extends object>(
  templates: Record<keyof Views, URL>,
  partials: Record<string, URL> = {},
  helpers: Helpers = {},
): Renderer<Views> {
  const engine = Handlebars.create();
  const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));
  engine.registerHelper(helpers);
  for (const [name, url] of Object.entries(partials)) engine.registerPartial(name, compile(url));
  const compiled = new Map<keyof Views, Handlebars.TemplateDelegate>();
  for (const name of Object.keys(templates) as (keyof Views)[]) compiled.set(name, compile(templates[name]));

  return (name, view) => {
    const template = compiled.get(name);
    if (!template) throw new Error(`there is no page ${String(name)}`);
    return template(view);
  };

  function compile(url: URL): Handlebars.TemplateDelegate {
    const source = readFileSync(url, 'utf8');
    refuseRawOutput(engine.parse(source), url);
    // preventIndent: an indented partial would indent every line a person wrote into a textarea.
    return engine.compile(source, { strict: true, knownHelpersOnly: true, knownHelpers, preventIndent: true });
  }
}

function refuseRawOutput(program: hbs.AST.Program, url: URL): void {
  class RawOutput extends Handlebars.Visitor {
    override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
      if (!mustache.escaped)
        throw new Error(`${url.pathname}:${mustache.loc.start.line}: unescaped output is not allowed`);
      super.MustacheStatement(mustache);
    }
  }
  new RawOutput().accept(program);
}

/** Marks markup of our own making as not to be escaped. Only for helpers; never for anything a request brought. */
export function safeHtml(markup: string): Handlebars.SafeString {
  return new Handlebars.SafeString(markup);
}

export function escapeHtml(text: string): string {
  return Handlebars.escapeExpression(text);
}
