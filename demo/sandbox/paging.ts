import { z } from 'zod';

export const pagingSchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  page: z.coerce.number().int().min(1).default(1),
});

/** One page of rows, in the form that all of Pica's lists have. */
export function pageOf<Row>(all: readonly Row[], { limit, page }: z.infer<typeof pagingSchema>) {
  const rows = all.slice((page - 1) * limit, page * limit);
  return { rows, page, pages: Math.ceil(all.length / limit), total: all.length };
}
