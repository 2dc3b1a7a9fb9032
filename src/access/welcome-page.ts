import { createHash } from 'node:crypto';

/*
 * The page behind one-time links: with #operator=… it makes the first operator, with #token=… it signs somebody in and lets
 * them set a password. It is whole in itself, so that a first start needs nothing else to be built, and asks nobody outside.
 */

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 26rem; padding: 2rem 1rem; }
h1 { font-size: 1.4rem; }
label { display: block; margin: 1rem 0 .25rem; }
input, button { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; }
button { margin-top: 1.5rem; cursor: pointer; }
[hidden] { display: none; }
#message { min-height: 1.5rem; margin-top: 1rem; }
`;

const SCRIPT = `
const TEXTS = {
  en: {
    operator: 'Become the operator', token: 'Welcome', none: 'This link is not whole',
    operatorNote: 'Whoever fills this in first runs this Gridwarden: its settings, people and keys.',
    tokenNote: 'Set a password to sign in with from now on; the link works this once.',
    noneNote: 'Copy the whole line that was printed, up to its last letter, into the address bar.',
    login: 'Login', name: 'Name, as others read it', password: 'Password, 12 characters or more',
    operatorGo: 'Create the operator', tokenGo: 'Set the password and sign in',
    done: 'Done: you are signed in.', away: 'The service does not answer. Try again.',
    401: 'This link was used, or is too old: ask for another one.',
    422: 'This password is too short, or among the first that are tried. Several words in a row are good.',
  },
  ru: {
    operator: 'Стать оператором', token: 'Добро пожаловать', none: 'Ссылка неполная',
    operatorNote: 'Кто первым заполнит эту форму, тот управляет этим Gridwarden: настройками, людьми и ключами.',
    tokenNote: 'Задайте пароль для входа; ссылка действует один раз.',
    noneNote: 'Скопируйте в адресную строку всю напечатанную строку до последней буквы.',
    login: 'Логин', name: 'Имя, как его видят другие', password: 'Пароль, не короче 12 знаков',
    operatorGo: 'Создать оператора', tokenGo: 'Задать пароль и войти',
    done: 'Готово: вы вошли.', away: 'Служба не отвечает. Попробуйте ещё раз.',
    401: 'Ссылка уже использована или устарела: попросите новую.',
    422: 'Пароль слишком короткий или из тех, что пробуют первыми. Хороши несколько слов подряд.',
  },
};
const language = navigator.language.startsWith('ru') ? 'ru' : 'en';
const text = TEXTS[language];
document.documentElement.lang = language;
const [, kind = 'none', token] = /^#(operator|token)=([0-9A-Za-z]+)$/.exec(location.hash) ?? [];
// Neither the history nor a look over the shoulder shall keep it.
history.replaceState(null, '', location.pathname);
const by = (id) => document.getElementById(id);
document.title = 'Gridwarden: ' + text[kind];
by('title').textContent = text[kind];
by('note').textContent = text[kind + 'Note'];
for (const field of ['login', 'name', 'password']) by(field + '-label').textContent = text[field];
by('go').textContent = text[kind + 'Go'] ?? '';
by('form').hidden = kind === 'none';
for (const part of document.querySelectorAll('.operator')) part.hidden = kind !== 'operator';
for (const input of document.querySelectorAll('.operator input')) input.required = kind === 'operator';

async function ask(method, path, body, headers = {}) {
  const answer = await fetch(path, {
    method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body),
  });
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(text[answer.status] ?? said.detail);
  return said;
}

let session = null;
by('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { login, name, password } = Object.fromEntries(new FormData(by('form')));
  by('go').disabled = true;
  try {
    if (kind === 'operator') await ask('POST', '/api/v1/operator', { token, login, name, password });
    else {
      session ??= await ask('POST', '/api/v1/session', { token });
      await ask('PUT', '/api/v1/session/password', { password }, { 'x-csrf-token': session.csrf_token });
    }
    by('message').textContent = text.done;
    location.assign('/');
  } catch (error) {
    by('message').textContent = error instanceof TypeError ? text.away : error.message;
    by('go').disabled = false;
  }
});
`;

export const WELCOME_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gridwarden</title>
<style>${STYLE}</style>
<main>
<h1 id="title"></h1>
<p id="note"></p>
<form id="form" hidden>
<div class="operator"><label id="login-label" for="login"></label><input id="login" name="login" autocomplete="username" pattern="[a-z0-9][a-z0-9._@\\-]{1,63}"></div>
<div class="operator"><label id="name-label" for="name"></label><input id="name" name="name" autocomplete="name" maxlength="120"></div>
<label id="password-label" for="password"></label><input id="password" name="password" type="password" autocomplete="new-password" minlength="12" maxlength="128" required>
<button id="go"></button>
</form>
<p id="message" role="status"></p>
</main>
<script type="module">${SCRIPT}</script>
</html>
`;

/** This style, this script, requests to us, and nothing else. */
export const WELCOME_POLICY =
  `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; connect-src 'self'; ` +
  `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

function hashOf(inline: string): string {
  return `'sha256-${createHash('sha256').update(inline).digest('base64')}'`;
}
