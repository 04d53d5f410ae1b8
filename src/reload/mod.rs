//! What a change leads to: requests, their queue, the plan with its reasons, retries, probation, and the report.
