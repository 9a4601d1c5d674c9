/** Possible arguments of a function that runs in the page. */
export type Serializable =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Serializable[]
  | { [name: string]: Serializable };

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

/** A browser with one page. Every engine has a camera, so the code that takes pictures is the same for all. */
export interface Camera {
  readonly version: string;
  /** Opens a page in a window of this size. */
  visit(url: string, size: Size): Promise<void>;
  resize(size: Size): Promise<void>;
  /** Runs a function in the page. The function can't use anything from outside itself. */
  evaluate<Result, Argument extends Serializable>(
    run: (argument: Argument) => Result,
    argument: Argument,
  ): Promise<Result>;
  /** Moves the mouse to a position in the window. */
  moveMouse(x: number, y: number): Promise<void>;
  /** Presses the mouse button down, or releases it. */
  setMouseButton(isDown: boolean): Promise<void>;
  /** Takes a PNG of the window, or of a part of it. */
  screenshot(part?: Box): Promise<Buffer>;
  close(): Promise<void>;
}

/** Waits until a function that runs in the page returns true. `description` is for the error. */
export async function waitUntil<Argument extends Serializable>(
  camera: Pick<Camera, 'evaluate'>,
  description: string,
  condition: (argument: Argument) => boolean,
  argument: Argument,
): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await camera.evaluate(condition, argument))) {
    if (Date.now() > deadline) throw new Error(`Timed out waiting for ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
