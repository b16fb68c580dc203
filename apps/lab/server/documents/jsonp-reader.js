// @ts-nocheck This runs in a browser, while the server's code is checked without a DOM.
/** Shows what the JSONP script of the same-site target calls it with. See `alternatives/jsonp.ts`. */
function showAnswer(answer) {
  document.querySelector('#answer').textContent = JSON.stringify(answer, null, 2);
}

globalThis.showAnswer = showAnswer;
