// For each text of the drawings that a selector finds: what it says, and its contrast to the smallest box around it.
selector => {
  const colour = text => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = parts => {
    const [red, green, blue] = parts.map(part => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const page = getComputedStyle(document.body).backgroundColor;
  const found = [];
  for (const svg of document.querySelectorAll(selector)) {
    const boxes = [...svg.querySelectorAll("rect:not(pattern rect)")].filter(one => !one.closest(".bar"));
    for (const text of svg.querySelectorAll("text")) {
      const at = text.getBoundingClientRect();
      const [x, y] = [at.x + at.width / 2, at.y + at.height / 2];
      const around = boxes
        .map(box => [box, box.getBoundingClientRect()])
        .filter(([, area]) => area.x <= x && x <= area.right && area.y <= y && y <= area.bottom)
        .sort(([, one], [, other]) => one.width * one.height - other.width * other.height);
      const ground = around.length ? getComputedStyle(around[0][0]).fill : page;
      const [low, high] = [getComputedStyle(text).fill, ground].map(colour).map(luminance).sort((a, b) => a - b);
      found.push({ text: text.textContent, ground, ratio: (high + 0.05) / (low + 0.05) });
    }
  }
  return found;
}
