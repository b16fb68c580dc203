/** The page of a relying app. It shows who is signed in, or a form, and never navigates away. */
import { createSso } from '/sso/index.js'; // with a bundler: '@samesite-sso/browser'

const MESSAGES = {
  'invalid-credentials': 'The username or the password is wrong.',
  'second-factor-required': 'Enter the code from your authenticator app, or a recovery code.',
  'invalid-code': 'The code is wrong or has been used.',
  'invalid-passkey': 'The passkey wasn’t accepted.',
  'passkey-canceled': 'No passkey was used.',
  'passkey-unavailable': 'This browser can’t use passkeys here.',
  'another-account': 'The passkey belongs to another account, so you were signed out.',
  'step-up-required':
    'This app requires a second factor: sign in again with a code or a passkey. Add one on the account page.',
  'not-permitted': 'You don’t have access to this app.',
  'too-many-attempts': 'Too many failed attempts. Try again later.',
  'sso-unreachable': 'The SSO service isn’t responding, or it doesn’t know this app.',
  'app-unreachable': 'This app isn’t responding.',
  'sign-out-pending': 'You are signed out here. You may still be signed in to other apps for a while.',
  'cookies-blocked': 'This browser blocks cookies for this site. Allow cookies, then reload the page.',
};

const sso = createSso({ ssoOrigin: 'http://sso.example.localhost:4000' });
const form = document.querySelector('form');
const greeting = document.querySelector('#greeting');
const passkey = document.querySelector('#passkey');
const signOut = document.querySelector('#sign-out');
const notice = document.querySelector('[role=status]');
const message = document.querySelector('[role=alert]');
let shown = null; // the account that the page shows

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { username, password, code } = form.elements;
  // Steps 5, 3 and 4.
  const outcome = await sso.signInWithPassword(username.value, password.value, code.value);
  const needsCode = ['second-factor-required', 'invalid-code'].includes(outcome.status);
  code.parentElement.hidden = !needsCode;
  code.value = '';
  await show(outcome);
  if (needsCode) code.focus();
  else password.value = '';
});
passkey.addEventListener('click', async () => show(await sso.signInWithPasskey()));
signOut.addEventListener('click', async () => show(await sso.signOut()));

sso.watch(show); // follows sign-ins and sign-outs in other tabs and apps, and renews the app session
addEventListener('pagehide', forget); // the back button must not show a page with an account
await show(await sso.signInSilently()); // steps 1 to 4

async function show(outcome) {
  const { status, account, code } = outcome;
  message.textContent = '';
  switch (status) {
    case 'signed-in':
      if (shown && shown.id !== account.id) {
        notice.textContent = `Another person has signed in. This page was showing ${shown.displayName}.`;
      }
      shown = account;
      form.hidden = true;
      signOut.hidden = false;
      await greet(account);
      break;
    case 'step-up-required': // signing in again as the same account is the answer
    case 'not-permitted':
      forget();
      form.hidden = status === 'not-permitted';
      signOut.hidden = false;
      message.textContent = `You are signed in as ${account.displayName}. ${MESSAGES[status]}`;
      break;
    case 'signed-out':
    case 'sign-out-pending':
    case 'another-account':
      forget();
      form.hidden = false;
      message.textContent = MESSAGES[status] ?? '';
      break;
    case 'cookies-blocked':
      forget();
      message.textContent = MESSAGES[status];
      break;
    default:
      message.textContent = MESSAGES[status] ?? code;
  }
}

function forget() {
  shown = null;
  signOut.hidden = true;
  greeting.textContent = '';
  notice.textContent = '';
}

async function greet(account) {
  const response = await fetch('/greeting').catch(() => null);
  const text = response?.ok ? (await response.json()).greeting : 'Signed in, but the greeting is missing.';
  if (account === shown) greeting.textContent = text; // another account may have signed in meanwhile
}
