// A jigsaw of 20 x 15 pieces by headbreaker on konva, with a block of 4 x 3 joined, as bench/jigsaw_frames.py wants it.
import { Canvas, painters } from "headbreaker";

const image = new Image();
image.onload = () => {
  const canvas = new Canvas("puzzle", {
    width: 1280,
    height: 800,
    image,
    pieceSize: 36,
    proximity: 9,
    borderFill: 3.6,
    strokeWidth: 1,
    lineSoftness: 0.18,
    painter: new painters.Konva(),
  });
  canvas.adjustImagesToPuzzleHeight();
  canvas.autogenerate({ horizontalPiecesCount: 20, verticalPiecesCount: 15 });
  canvas.shuffle(0.95);
  const { pieces } = canvas.puzzle;
  for (let row = 0; row < 3; row++)
    for (let col = 0; col < 4; col++) pieces[row * 20 + col].relocateTo(300 + col * 36, 300 + row * 36);
  canvas.puzzle.autoconnect();
  canvas.puzzle.forceConnectionWhileDragging();
  canvas.draw();
  window.ready = performance.now();
};
image.src = "picture.jpg";
