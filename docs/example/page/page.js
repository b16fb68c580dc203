/** The page of a relying app: asks who is signed in, shows the form if nobody is, and never leaves. */
import { createSso } from '/sso/index.js'; // with a bundler: '@samesite-sso/browser'

const sso = createSso({ ssoOrigin: 'http://sso.example.localhost:4000' });
const form = document.querySelector('form');
const greeting = document.querySelector('#greeting');
const signOut = document.querySelector('[type=button]');
const refusal = document.querySelector('[role=alert]');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { username, password } = form.elements;
  await show(await sso.logIn(username.value, password.value)); // steps 5, 3 and 4
  password.value = '';
});
signOut.addEventListener('click', async () => show(await sso.signOut()));

sso.watch(show); // what happened in other tabs
await show(await sso.signIn()); // steps 1 to 4

async function show(outcome) {
  refusal.textContent = '';
  switch (outcome.status) {
    case 'signed in':
      form.hidden = true;
      signOut.hidden = false;
      greeting.textContent = await greet();
      break;
    case 'password wanted':
      form.hidden = false;
      signOut.hidden = true;
      greeting.textContent = '';
      break;
    default:
      refusal.textContent = outcome.code ?? outcome.status; // 'invalid-credentials', 'SSO service unreachable', …
  }
}

async function greet() {
  const answer = await fetch('/greeting');
  return answer.ok ? (await answer.json()).greeting : 'Signed in, but not greeted.';
}
