/** For its test: jest loads the runner itself as plain JavaScript. */
export class GreetingRunners extends Map<
  object,
  { readonly run: (test: { readonly path: string }) => unknown }
> {
  constructor(globalConfig: object, runtime: string);
  set(projectConfig: object, runner: { readonly pool: object }): this;
}
