// Makes a picture that is too large for us smaller before it is sent. Without it the server says that it is too large.
{
  const field = document.querySelector('[data-max-bytes]');
  const longestSide = 1024;
  const hint = document.getElementById('picture-hint');
  hint.textContent = hint.dataset.scripted;
  field.form.addEventListener('submit', (event) => {
    const [file] = field.files;
    if (!file || file.size <= Number(field.dataset.maxBytes)) return;
    event.preventDefault();
    // What this browser cannot draw the server is to judge.
    void send(file).catch(() => field.form.submit());
  });

  async function send(file) {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const drawing = canvas.getContext('2d');
    drawing.fillStyle = 'white'; // behind what is transparent
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.imageSmoothingQuality = 'high';
    drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const smaller = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
    const files = new DataTransfer();
    files.items.add(new File([smaller], 'picture.jpg', { type: smaller.type }));
    field.files = files.files;
    field.form.submit();
  }
}
