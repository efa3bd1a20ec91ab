import { describe, expect, it } from 'vitest';
import { job, sample, worker } from '../../../../test/operating/samples.js';
import { topJobs } from './sample.js';

const shares = (...samples: Parameters<typeof topJobs>) => topJobs(...samples).map(({ processors }) => processors);

describe('the jobs of a sample', () => {
  it('have the memory of their workers, and the processor time since the sample before', () => {
    const [before, now] = [1_000_000, 2_500_000].map((cpu_time_us, index) =>
      sample({ at: 1000 * index, jobs: [job()], workers: [worker({ cpu_time_us })] }),
    ) as [ReturnType<typeof sample>, ReturnType<typeof sample>];
    expect(topJobs(before, now)).toMatchObject([{ job: job().job, memory: 3 << 20, processors: 1.5 }]);
    expect(shares(undefined, now)).toEqual([null]);
    expect(shares(now, now)).toEqual([null]);
  });

  it('have nothing where it is not known: they wait, nobody counts, or another worker has them now', () => {
    const before = sample({ at: 0, jobs: [job()], workers: [worker({ slot: 4 })] });
    const waits = job({ job: '1kw74zh10001', state: 'queued', slot: null });
    const now = sample({ at: 1000, jobs: [job(), waits], workers: [worker()] });
    expect(shares(before, now)).toEqual([null, null]);
    expect(topJobs(before, now)[1]).toMatchObject({ memory: null });
    const uncounted = [0, 1000].map((at) => sample({ at, jobs: [job()], workers: [worker({ cpu_time_us: null })] }));
    expect(shares(uncounted[0], uncounted[1] ?? now)).toEqual([null]);
    expect(shares(before, sample({ at: 1000, jobs: [job()], workers: null }))).toEqual([null]);
  });

  it('come by their share, those without one last, in the order of admission', () => {
    const names = ['1kw74zh00001', '1kw74zh10001', '1kw74zh20001', '1kw74zh30001'];
    const taken = [undefined, 1000, 9000, undefined];
    const at = (time: number, used: (index: number) => number) => {
      const workers = names.map((name, slot) => worker({ slot, job: name, cpu_time_us: used(slot) }));
      return sample({
        at: time,
        jobs: names.map((name) => job({ job: name })),
        workers: workers.filter((_, index) => taken[index] !== undefined),
      });
    };
    const [before, now] = [at(0, () => 0), at(1000, (index) => taken[index] ?? 0)];
    expect(topJobs(before, now).map((one) => one.job)).toEqual([names[2], names[1], names[0], names[3]]);
  });
});
