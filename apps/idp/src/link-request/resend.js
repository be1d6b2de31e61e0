// Counts down until a letter can be sent again. Without it the server says how long that is when it is asked too early.
const wait = document.querySelector('[data-resend-after]');
const button = wait.parentElement.querySelector('button');
const end = performance.now() + Number(wait.dataset.resendAfter) * 1000;
button.disabled = true;
const timer = setInterval(count, 250);
count();

function count() {
  const seconds = Math.ceil((end - performance.now()) / 1000);
  wait.textContent = wait.dataset.words.replace('#', String(Math.max(0, seconds)));
  if (seconds > 0) return;
  clearInterval(timer);
  button.disabled = false;
  wait.hidden = true;
}
