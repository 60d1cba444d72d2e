"""The runner: reads a job folder, starts one engine, leaves complete results or none."""
