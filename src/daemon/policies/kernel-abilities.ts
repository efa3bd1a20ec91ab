import { LeewardError } from '../../errors/leeward-error.js';
import type { KernelAbilities } from './library.js';

/** What the kernel can do, known when the first supervisor is ready. */
export class KnownAbilities {
  #abilities: KernelAbilities | undefined;

  know(abilities: KernelAbilities): void {
    this.#abilities = abilities;
  }

  /** @throws LeewardError LW_INTERNAL before it is known */
  get(): KernelAbilities {
    if (this.#abilities === undefined) throw new LeewardError('LW_INTERNAL', 'no supervisor was ready yet');
    return this.#abilities;
  }
}
