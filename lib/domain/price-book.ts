/** A price version: nano-USD per million units, in force from `effectiveFrom` until the next version of the same model. */
export type Price = {
  id: string;
  modelId: string;
  effectiveFrom: Date;
  inputNano: bigint;
  outputNano: bigint;
  cacheWrite5mNano: bigint;
  cacheWrite1hNano: bigint;
  cacheReadNano: bigint;
  /** Per million searches. */
  webSearchNano: bigint;
  /** What `speed: fast` multiplies every token price by, in percent; null where the model has no fast mode. */
  fastPercent: number | null;
  /** What `inference_geo: us` multiplies every token price by, in percent. */
  usPercent: number;
  /** What the batch tier multiplies every token price by, in percent. */
  batchPercent: number;
};

export type CatalogueModel = {
  id: string;
  displayName: string;
  aliases: readonly string[];
  maxInputTokens: number;
  maxTokens: number;
  releasedAt: Date;
  details: unknown;
};

/** The models that are offered and every version of their prices. Immutable: a change makes another book. */
export class PriceBook {
  readonly models: readonly CatalogueModel[];
  readonly #modelByName = new Map<string, CatalogueModel>();
  readonly #pricesByModel = new Map<string, Price[]>();

  /** Takes models in the order they are to be shown; prices in any order. */
  constructor(models: readonly CatalogueModel[], prices: readonly Price[]) {
    this.models = models;
    for (const model of models) {
      for (const name of [model.id, ...model.aliases]) this.#modelByName.set(name, model);
    }
    const newestFirst = [...prices].sort((a, b) => b.effectiveFrom.getTime() - a.effectiveFrom.getTime());
    for (const price of newestFirst) {
      const versions = this.#pricesByModel.get(price.modelId);
      if (versions) versions.push(price);
      else this.#pricesByModel.set(price.modelId, [price]);
    }
  }

  /** The model of an id or alias; undefined when it is not offered. */
  findModel(name: string): CatalogueModel | undefined {
    return this.#modelByName.get(name);
  }

  /** The price in force at an instant; undefined when the model is unknown or has no price yet. */
  findPrice(name: string, at: Date): Price | undefined {
    const model = this.#modelByName.get(name);
    if (!model) return undefined;
    return this.#pricesByModel.get(model.id)?.find((price) => price.effectiveFrom <= at);
  }

  /** The models that can be called at an instant: those with a price in force. */
  offeredAt(at: Date): CatalogueModel[] {
    return this.models.filter((model) => this.findPrice(model.id, at) !== undefined);
  }
}
