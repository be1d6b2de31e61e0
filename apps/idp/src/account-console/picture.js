// Makes a picture that is too large for us smaller before it is sent. Without it the server says that it is too large.
{
  const field = document.querySelector('[data-max-bytes]');
  const maxBytes = Number(field.dataset.maxBytes);
  const hint = document.getElementById('picture-hint');
  hint.textContent = hint.dataset.scripted;
  field.form.addEventListener('submit', (event) => {
    const [file] = field.files;
    if (!file || file.size <= maxBytes) return;
    event.preventDefault();
    // What this browser cannot draw the server is to judge.
    void exchange(file)
      .catch(() => undefined)
      .then(() => field.form.submit());
  });

  async function exchange(file) {
    const picture = await createImageBitmap(file);
    let longestSide = 1024;
    let smaller = await drawn(picture, longestSide);
    while (smaller.size > maxBytes) smaller = await drawn(picture, (longestSide /= 2));
    const files = new DataTransfer();
    files.items.add(new File([smaller], 'picture.jpg', { type: smaller.type }));
    field.files = files.files;
  }

  function drawn(picture, longestSide) {
    const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const drawing = canvas.getContext('2d');
    drawing.fillStyle = 'white'; // behind what is transparent
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.imageSmoothingQuality = 'high';
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
  }
}
