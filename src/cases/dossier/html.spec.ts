import { html } from './html.js';

describe('html', () => {
  it.each([
    [
      'escapes what comes from outside',
      html`<p title="${'"x"'}">${"<b>&'"}</p>`,
      '<p title="&quot;x&quot;">&lt;b&gt;&amp;&#39;</p>',
    ],
    [
      'keeps HTML, and lists of it',
      html`<p>${[1, 2].map((n) => html`<b>${n}</b>`)}</p>`,
      '<p><b>1</b><b>2</b></p>',
    ],
    ['writes nothing for null, and for the first of two', html`${null}-${0}-${'a'}`, '-0-a'],
  ])('%s', (_, made, text) => expect(made.text).toBe(text));
});
