function (page) {
  const inputs = [...page.querySelectorAll('input')];
  const frames = [...page.querySelectorAll('.smoothlab-frame')];
  const show = () => {
    let at = 0;
    for (const input of inputs) {
      at = at * (Number(input.max) + 1) + Number(input.value);
      input.nextElementSibling.textContent = JSON.parse(input.dataset.labels)[input.value];
    }
    frames.forEach((frame, i) => { frame.hidden = i !== at; });
  };
  inputs.forEach((input) => input.addEventListener('input', show));
}
