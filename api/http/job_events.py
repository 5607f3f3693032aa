"""A job as it is followed: how it stands, and what becomes of its files."""

from __future__ import annotations

from api.http.following import AT_ONCE, Look, event_of, place_of
from api.http.job_desk import Jobs
from api.http.numbers import documents_of_reports
from api.http.schemas.jobs import JobFileOut, JobOut
from api.http.stored import Numbers
from retrieval.types import Principal


class JobLooks:
    """`job` whenever it stands otherwise, `file` for each that changed, in order; ids go on from `last_event_id`."""

    def __init__(self, jobs: Jobs, numbers: Numbers, job_id: str, last_event_id: str) -> None:
        self._jobs, self._numbers, self._id = jobs, numbers, job_id
        event, number = place_of(last_event_id, 2)
        self._since, self._told = (event, number), -1

    def __call__(self, who: Principal) -> Look:
        """The job first: what changes in between comes with the next look."""
        job = self._jobs.find(self._id, who.user)
        files = [file for file in self._jobs.changed(self._id, self._since, AT_ONCE) if file.event > 0]
        seen = self._numbers.of(who, set(documents_of_reports(file.report for file in files)))
        events = [event_of("file", JobFileOut.of(file, seen), (file.event, file.number)) for file in files]
        if files:
            self._since = files[-1].event, files[-1].number
        ended, more = job.finished_at is not None, len(files) == AT_ONCE
        if job.event != self._told or (ended and not more):
            self._told = job.event
            stands = JobOut.of(job, dict(self._jobs.outcomes(self._id)), self._jobs.pace(self._id))
            events.append(event_of("job", stands, self._since))
        return Look(events, more, ended)
