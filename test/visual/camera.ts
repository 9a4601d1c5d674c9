/** What a function that runs in the page may be given. */
export type Plain =
  string | number | boolean | null | undefined | readonly Plain[] | { [name: string]: Plain };

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

/** A browser with one page in it, as far as pictures need it: the same for every engine. */
export interface Camera {
  /** The engine's version, as its browser says it. */
  readonly version: string;
  /** Opens a page in a window of this size. */
  visit(url: string, size: Size): Promise<void>;
  resize(size: Size): Promise<void>;
  /** Runs a function in the page; it may use nothing from outside itself. */
  evaluate<Result, Given extends Plain>(
    run: (given: Given) => Result,
    given: Given,
  ): Promise<Result>;
  /** Moves the mouse to a place in the window. */
  point(x: number, y: number): Promise<void>;
  /** Presses its button down, or lets it go. */
  hold(isDown: boolean): Promise<void>;
  /** What the window shows, or a part of it, as a PNG. */
  picture(part?: Box): Promise<Buffer>;
  close(): Promise<void>;
}

/** Waits until a function that runs in the page says yes. */
export async function until<Given extends Plain>(
  camera: Pick<Camera, 'evaluate'>,
  what: string,
  holds: (given: Given) => boolean,
  given: Given,
): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await camera.evaluate(holds, given))) {
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
