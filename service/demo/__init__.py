"""The simulated world of `surefoot demo`; nothing else imports it."""
