/** The page of a relying app: asks who is signed in, shows the form if nobody is, and never leaves. */
import { createSso } from '/sso/index.js'; // with a bundler: '@samesite-sso/browser'

const PENDING = 'You are signed out here. The SSO service does not answer, and is told as soon as it does.';
const BLOCKED = 'This browser blocks cookies for this site. Allow them to sign in, and reload.';

const sso = createSso({ ssoOrigin: 'http://sso.example.localhost:4000' });
const form = document.querySelector('form');
const greeting = document.querySelector('#greeting');
const signOut = document.querySelector('[type=button]');
const notice = document.querySelector('[role=status]');
const refusal = document.querySelector('[role=alert]');
let person = null; // whom the page shows

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { username, password } = form.elements;
  await show(await sso.logIn(username.value, password.value)); // steps 5, 3 and 4
  password.value = '';
});
signOut.addEventListener('click', async () => show(await sso.signOut()));

sso.watch(show); // what happened in other tabs, windows and apps; and it renews the app session
addEventListener('pagehide', forget); // what the browser keeps for the back button shows nobody
await show(await sso.signIn()); // steps 1 to 4

async function show(outcome) {
  refusal.textContent = '';
  switch (outcome.status) {
    case 'signed in':
      if (person && person.id !== outcome.account.id) {
        notice.textContent = `Somebody else has signed in: this page showed ${person.displayName} before.`;
      }
      person = outcome.account;
      form.hidden = true;
      signOut.hidden = false;
      await greet(person);
      break;
    case 'sign-out pending':
    case 'password wanted':
      forget();
      form.hidden = false;
      if (outcome.status === 'sign-out pending') refusal.textContent = PENDING;
      break;
    case 'cookies blocked':
      forget();
      refusal.textContent = BLOCKED;
      break;
    default:
      refusal.textContent = outcome.code ?? outcome.status; // 'invalid-credentials', 'SSO service unreachable', …
  }
}

function forget() {
  person = null;
  signOut.hidden = true;
  greeting.textContent = '';
  notice.textContent = '';
}

async function greet(whom) {
  const answer = await fetch('/greeting').catch(() => null);
  const words = answer?.ok ? (await answer.json()).greeting : 'Signed in, but not greeted.';
  if (whom === person) greeting.textContent = words; // unless somebody signed out, or in, meanwhile
}
