"""Writes the dashboards: ``python infra/grafana/make_dashboards.py``; a test compares them.

One dashboard a question of the operator; a panel's title is a part of the question, its description
what to think of the answer.
"""

import json
from pathlib import Path

from panels import Panel, dashboard, panel, quantiles, stat

HERE = Path(__file__).parent


def waiting() -> list[Panel]:
    return [
        stat(
            "Longest wait at the door",
            "Of a photo or an enrolment. Over 30 s somebody should look.",
            'max(vestibule_queue_oldest_wait_seconds{queue=~"identify|enrol"})',
            unit="s",
            red_from=30,
        ),
        stat(
            "Photos waiting",
            "Uploaded and not begun.",
            'max(vestibule_queue_jobs{queue="identify",state="waiting"})',
            red_from=50,
        ),
        stat(
            "Free threads of workers",
            "None free and a queue: add workers. Some free and a queue: messages do not arrive.",
            "sum(vestibule_worker_threads) - sum(vestibule_worker_busy_threads)",
            red_from=100_000,
        ),
        stat(
            "Workers that take jobs",
            "By their own signs of life.",
            'max(vestibule_workers{state="taking"})',
            red_from=100_000,
        ),
        stat(
            "Asked to come back",
            "Share of uploads refused because the queue is full.",
            'sum(rate(vestibule_request_seconds_count{method="POST",route="/v1/photos",status="429"}[5m]))'
            ' / sum(rate(vestibule_request_seconds_count{method="POST",route="/v1/photos"}[5m]))',
            unit="percentunit",
            red_from=0.05,
        ),
        stat(
            "Given up",
            "Dead letters that nobody has looked at. None is normal.",
            "sum(vestibule_dead_letters)",
            red_from=1,
        ),
        panel(
            "How long is the wait, by queue?",
            "From the job's row to its start; identify and enrol are people at the door.",
            ("max by (queue) (vestibule_queue_oldest_wait_seconds)", "{{queue}}"),
            unit="s",
            red_from=30,
        ),
        panel(
            "How many wait?",
            "Open jobs that no worker has begun.",
            ('max by (queue) (vestibule_queue_jobs{state="waiting"})', "{{queue}}"),
        ),
        panel(
            "Do workers keep up?",
            "Busy threads of all. At the top for long: workers are too few.",
            ("sum(vestibule_worker_busy_threads)", "busy"),
            ("sum(vestibule_worker_threads)", "all"),
        ),
        panel(
            "How long did photos wait that were begun?",
            "What people felt.",
            *quantiles("vestibule_job_wait_seconds", where='kind="IDENTIFY"'),
            unit="s",
        ),
        panel(
            "What does a photo spend its time on?",
            "The mean of each stage; the one that grew is the reason.",
            (
                "sum by (stage) (rate(vestibule_stage_seconds_sum[5m]))"
                " / sum by (stage) (rate(vestibule_stage_seconds_count[5m]))",
                "{{stage}}",
            ),
            unit="s",
        ),
        panel(
            "How do jobs end?",
            "Anything but done has its code in docs/api.md.",
            (
                "sum by (kind, outcome) (rate(vestibule_job_seconds_count[5m]))",
                "{{kind}} {{outcome}}",
            ),
            unit="ops",
        ),
        panel(
            "Are jobs sent again?",
            "Messages that were lost, workers that died.",
            ("sum(increase(vestibule_jobs_requeued_total[10m]))", "sent again in 10 min"),
        ),
        panel(
            "Do worker processes crash or hang?",
            "What crashed one is done apart, in a process of its own.",
            ("sum by (reason) (increase(vestibule_worker_restarts_total[30m]))", "{{reason}}"),
        ),
        panel(
            "Time inside the models",
            "One run, by model.",
            *quantiles("vestibule_model_run_seconds", by="model"),
            unit="s",
        ),
        panel(
            "Rows that share a run",
            "With batching: the more, the better a GPU is used.",
            (
                "sum by (model) (rate(vestibule_batch_rows_sum[5m]))"
                " / sum by (model) (rate(vestibule_batch_rows_count[5m]))",
                "{{model}}",
            ),
        ),
    ]


def recognition() -> list[Panel]:
    share = (
        "sum by (decision) (increase(vestibule_faces_total[1d]))"
        " / ignoring(decision) group_left sum(increase(vestibule_faces_total[1d]))"
    )
    return [
        panel(
            "What is decided?",
            "Shares over a day. More checks or strangers than last week: something drifts.",
            (share, "{{decision}}"),
            unit="percentunit",
        ),
        panel(
            "Does staff disagree with matches?",
            "Share of answered matches that are not them, over a day.",
            (
                'sum(increase(vestibule_answers_total{answer="not_them",decision="MATCH"}[1d]))'
                ' / sum(increase(vestibule_answers_total{decision="MATCH"}[1d]))',
                "not them",
            ),
            unit="percentunit",
            red_from=0.1,
        ),
        panel(
            "How was a check answered?",
            "Over a day.",
            (
                'sum by (answer) (increase(vestibule_answers_total{decision="REVIEW"}[1d]))',
                "{{answer}}",
            ),
        ),
        panel(
            "Score of matches, by light",
            "The middle one over a day. It sinks when cameras, lamps or a lens change.",
            (
                "histogram_quantile(0.5, sum by (le, light)"
                ' (rate(vestibule_face_score_bucket{decision="MATCH"}[1d])))',
                "{{light}}",
            ),
        ),
        panel(
            "Score of strangers, by light",
            "Their best candidate, 95 %. It rises before wrong matches come.",
            (
                "histogram_quantile(0.95, sum by (le, light)"
                ' (rate(vestibule_face_score_bucket{decision="UNKNOWN"}[1d])))',
                "{{light}}",
            ),
        ),
        panel(
            "Faces close to the threshold (margin)",
            "Share within 0.05 of it, on both sides, over a day: how often chance decides.",
            (
                '(sum by (light) (increase(vestibule_face_margin_bucket{le="0.05"}[1d]))'
                ' - sum by (light) (increase(vestibule_face_margin_bucket{le="-0.05"}[1d])))'
                " / sum by (light) (increase(vestibule_face_margin_count[1d]))",
                "{{light}}",
            ),
            unit="percentunit",
        ),
        panel(
            "In which light do faces come?",
            "Shares over a day.",
            (
                "sum by (light) (increase(vestibule_faces_total[1d]))"
                " / ignoring(light) group_left sum(increase(vestibule_faces_total[1d]))",
                "{{light}}",
            ),
            unit="percentunit",
        ),
        panel(
            "Gallery",
            "What a photo can be matched with.",
            ("max(vestibule_searchable_customers)", "customers"),
            ("max(vestibule_searchable_templates)", "templates"),
        ),
        panel(
            "Does the index hold what the record says?",
            "Missing ones are not found until the next reconciling (10 minutes); surplus ones"
            " are never shown, since results are checked against the record.",
            ("max by (difference) (vestibule_index_difference_templates)", "{{difference}}"),
            red_from=1,
        ),
    ]


def deletion() -> list[Panel]:
    return [
        panel(
            "Is anything expiring late?",
            "For how long the oldest of each kind should have been gone. Over five minutes it is"
            " a matter for the data protection officer.",
            ("max by (what) (vestibule_expiry_overdue_seconds)", "{{what}}"),
            unit="s",
            width=16,
            red_from=300,
        ),
        stat(
            "Who leads the clock",
            "Exactly one.",
            "sum(vestibule_schedule_leading)",
            red_from=2,
        ),
        stat(
            "Age of these figures",
            "They are renewed every ten seconds.",
            "time() - max(vestibule_observed_timestamp_seconds)",
            unit="s",
            red_from=120,
        ),
        panel(
            "How long does a round by the clock take?",
            "Rounds come every two seconds.",
            *quantiles("vestibule_schedule_round_seconds"),
            unit="s",
        ),
        panel(
            "Which rounds fail?",
            "By code; the next round tries again.",
            ("sum by (code) (increase(vestibule_schedule_faults_total[10m]))", "{{code}}"),
        ),
        panel(
            "Does the store delete?",
            "Calls that remove objects, by outcome.",
            (
                "sum by (outcome) (rate(vestibule_dependency_seconds_count"
                '{dependency="blobs",operation="delete"}[5m]))',
                "{{outcome}}",
            ),
            unit="ops",
        ),
    ]


def services() -> list[Panel]:
    return [
        panel(
            "Which copies answer?",
            "One line a copy; 0 is down.",
            ('up{job=~"vestibule-.*"}', "{{job}} {{instance}}"),
        ),
        panel(
            "Requests to the API",
            "By status.",
            ("sum by (status) (rate(vestibule_request_seconds_count[5m]))", "{{status}}"),
            unit="reqps",
        ),
        panel(
            "Pages",
            "By status.",
            ("sum by (status) (rate(vestibule_page_seconds_count[5m]))", "{{status}}"),
            unit="reqps",
        ),
        panel(
            "Slowest routes of the API",
            "95 % of the ten slowest; those that wait for a photo are meant to be slow.",
            (
                "topk(10, histogram_quantile(0.95, sum by (le, route)"
                " (rate(vestibule_request_seconds_bucket[5m]))))",
                "{{route}}",
            ),
            unit="s",
        ),
        panel(
            "How long do calls take?",
            "Of what the product stands on.",
            *quantiles("vestibule_dependency_seconds", by="dependency"),
            unit="s",
        ),
        panel(
            "Which calls fail?",
            "Share of calls, by what was called.",
            (
                "sum by (dependency)"
                ' (rate(vestibule_dependency_seconds_count{outcome="error"}[5m]))'
                " / sum by (dependency) (rate(vestibule_dependency_seconds_count[5m]))",
                "{{dependency}}",
            ),
            unit="percentunit",
            red_from=0.05,
        ),
        panel(
            "Memory",
            "Resident, by copy.",
            ('process_resident_memory_bytes{job=~"vestibule-.*"}', "{{job}} {{instance}}"),
            unit="bytes",
        ),
        panel(
            "Processor time",
            "Cores in use, by copy.",
            ('rate(process_cpu_seconds_total{job=~"vestibule-.*"}[5m])', "{{job}} {{instance}}"),
        ),
        panel(
            "Which builds run?",
            "Copies by version.",
            ("count by (version, part) (vestibule_build_info)", "{{part}} {{version}}"),
        ),
    ]


def dashboards() -> dict[str, str]:
    """File name → content."""
    made = {
        "waiting": ("Is anyone waiting, how long, and why?", waiting()),
        "recognition": ("Are matches drifting?", recognition()),
        "deletion": ("Is anything expiring late?", deletion()),
        "services": ("Is every part well?", services()),
    }
    return {
        f"{name}.json": json.dumps(dashboard(f"vestibule-{name}", title, panels), indent=1) + "\n"
        for name, (title, panels) in made.items()
    }


if __name__ == "__main__":
    for name, content in dashboards().items():
        (HERE / "dashboards" / name).write_text(content)
