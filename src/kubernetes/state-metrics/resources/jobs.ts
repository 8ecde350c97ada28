import type { CronJob, Job } from 'kubernetes-types/batch/v1.d.ts';
import { nextScheduleMs, parseSchedule } from '#kubernetes/cluster';
import type { Family, Resource } from '../contract.ts';
import {
  created,
  emitStatus,
  gauge,
  info,
  labelFamilies,
  namespaceAndName,
  owner,
  resourceVersion,
  timeGauge,
  truth,
} from './common.ts';

const failureReasons: readonly string[] = ['BackoffLimitExceeded', 'DeadlineExceeded', 'Evicted'];

const jobFailed: Family<Job> = {
  name: 'kube_job_status_failed',
  help: 'Pods of the job that failed; by reason once the job has failed for a known one.',
  emit: ({ status }, add) => {
    const failed = status?.failed ?? 0;
    if (failed === 0) return add(0);
    let isKnown = false;
    for (const { type, reason } of status?.conditions ?? []) {
      if (type !== 'Failed') continue;
      for (const each of failureReasons) {
        isKnown ||= reason === each;
        add(reason === each ? 1 : 0, ['reason', each]);
      }
    }
    // Why a pod failed is not told, only how many did.
    if (!isKnown) add(failed, ['reason', '']);
  },
};

const jobCondition = (name: string, help: string, wanted: string): Family<Job> => ({
  name,
  help,
  emit: (job, add) => {
    for (const { type, status } of job.status?.conditions ?? []) {
      if (type === wanted) emitStatus(status, add, 'condition');
    }
  },
});

export const jobs: Resource<Job> = {
  name: 'jobs',
  identity: ['namespace', 'job_name'],
  identify: namespaceAndName,
  families: (allowed) => [
    ...labelFamilies<Job>('kube_job', allowed),
    info('kube_job_info', 'The job is there.', () => []),
    created('kube_job'),
    gauge(
      'kube_job_spec_parallelism',
      'Pods that may run at once.',
      ({ spec }) => spec?.parallelism,
    ),
    gauge(
      'kube_job_spec_completions',
      'Pods that have to succeed.',
      ({ spec }) => spec?.completions,
    ),
    gauge(
      'kube_job_spec_active_deadline_seconds',
      'How long the job may take from its start.',
      ({ spec }) => spec?.activeDeadlineSeconds,
    ),
    gauge(
      'kube_job_status_succeeded',
      'Pods that succeeded.',
      ({ status }) => status?.succeeded ?? 0,
    ),
    jobFailed,
    gauge('kube_job_status_active', 'Pods that run or wait.', ({ status }) => status?.active ?? 0),
    gauge('kube_job_status_ready', 'Pods that are ready.', ({ status }) => status?.ready ?? 0),
    jobCondition('kube_job_complete', 'Whether the job is done: one of the rows is 1.', 'Complete'),
    jobCondition('kube_job_failed', 'Whether the job has failed: one of the rows is 1.', 'Failed'),
    timeGauge(
      'kube_job_status_start_time',
      'When the controller took the job up, Unix seconds.',
      ({ status }) => status?.startTime,
    ),
    timeGauge(
      'kube_job_status_completion_time',
      'When the job was done, Unix seconds.',
      ({ status }) => status?.completionTime,
    ),
    {
      name: 'kube_job_status_suspended',
      help: 'Whether the job is suspended, where its conditions say so.',
      emit: ({ status }, add) => {
        for (const condition of status?.conditions ?? []) {
          if (condition.type === 'Suspended') add(condition.status === 'True' ? 1 : 0);
        }
      },
    },
    owner('kube_job'),
  ],
};

/** When the job is due next: after its last run, or after it was made. */
function nextSchedule({ spec, status, metadata }: CronJob): number | undefined {
  if (spec === undefined || spec.suspend === true) return undefined;
  const after = Date.parse(status?.lastScheduleTime ?? metadata?.creationTimestamp ?? '');
  const schedule = parseSchedule(spec.schedule, spec.timeZone);
  if (Number.isNaN(after) || schedule === undefined) return undefined;
  const nextMs = nextScheduleMs(schedule, after);
  return nextMs === undefined ? undefined : nextMs / 1000;
}

export const cronJobs: Resource<CronJob> = {
  name: 'cronjobs',
  identity: ['namespace', 'cronjob'],
  identify: namespaceAndName,
  families: (allowed) => [
    ...labelFamilies<CronJob>('kube_cronjob', allowed),
    info('kube_cronjob_info', 'Schedule and policy of the cron job.', ({ spec }) => [
      'schedule',
      spec?.schedule ?? '',
      'concurrency_policy',
      spec?.concurrencyPolicy ?? '',
      'timezone',
      spec?.timeZone ?? 'local',
    ]),
    created('kube_cronjob'),
    gauge(
      'kube_cronjob_status_active',
      'Jobs that run now.',
      ({ status }) => status?.active?.length ?? 0,
    ),
    timeGauge(
      'kube_cronjob_status_last_schedule_time',
      'When a job was last made, Unix seconds.',
      ({ status }) => status?.lastScheduleTime,
    ),
    timeGauge(
      'kube_cronjob_status_last_successful_time',
      'When a job last succeeded, Unix seconds.',
      ({ status }) => status?.lastSuccessfulTime,
    ),
    gauge('kube_cronjob_spec_suspend', 'Whether no more jobs are made.', ({ spec }) =>
      truth(spec?.suspend),
    ),
    gauge(
      'kube_cronjob_spec_starting_deadline_seconds',
      'How late a job may still be started.',
      ({ spec }) => spec?.startingDeadlineSeconds,
    ),
    gauge(
      'kube_cronjob_next_schedule_time',
      'When the next job is due, Unix seconds; none while suspended.',
      nextSchedule,
    ),
    {
      name: 'kube_cronjob_schedule_invalid',
      help: 'The schedule or its time zone cannot be read.',
      emit: ({ spec }, add) => {
        if (parseSchedule(spec?.schedule ?? '', spec?.timeZone) === undefined) add(1);
      },
    },
    resourceVersion('kube_cronjob'),
    gauge(
      'kube_cronjob_spec_successful_job_history_limit',
      'Jobs that succeeded and are kept.',
      ({ spec }) => spec?.successfulJobsHistoryLimit,
    ),
    gauge(
      'kube_cronjob_spec_failed_job_history_limit',
      'Jobs that failed and are kept.',
      ({ spec }) => spec?.failedJobsHistoryLimit,
    ),
  ],
};
