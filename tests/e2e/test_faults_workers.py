"""Workers that are killed, joined or deployed on the way leave nobody out and repeat no more than they must."""

import os
import random
import signal
import time
from typing import Any

import psycopg
from psycopg import sql

from tests.e2e.crowd import a_zone, crowd, demand_nobody_lost, demand_once_each, rows, sent_to
from tests.e2e.nursery import Nursery
from tests.e2e.system import System, wait_for

KILLS = 10
SLOW: dict[str, Any] = {"status": 200, "delay": 0.5, "body": '{"name": "projects/tests/messages/0"}'}


def test_a_worker_killed_while_planning_leaves_nobody_out_and_plans_nobody_twice(system: System) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 1_500)
    system.more["SUREFOOT_PLAN_PAGE"] = "10"
    alert = system.warn(zone)
    system.start("first", "worker")
    wait_for(lambda: rows(system, "SELECT count(*) FROM batch WHERE alert_id = %s", alert) >= 3, what="the first pages")
    system.kill("first")
    planned = rows(system, "SELECT sum(size) FROM batch WHERE alert_id = %s", alert)
    assert planned < len(phones), "the kill came too late to prove anything"
    system.more.clear()
    system.start("second", "worker")
    system.wait_until_sent(alert)
    assert rows(system, "SELECT sum(size) FROM batch WHERE alert_id = %s", alert) == len(phones)
    demand_nobody_lost(system, alert, phones, most=2)


def test_a_worker_killed_in_mid_send_is_relieved_within_15_seconds_and_phones_drop_the_repeats(system: System) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 2_000)
    system.google.fail(SLOW)
    system.start("first", "worker")
    alert = system.warn(zone)
    wait_for(lambda: len(sent_to(system, alert)) > 100, what="the first messages")
    system.kill("first")
    killed, before = time.monotonic(), sent_to(system, alert).total()
    assert before < len(phones), "the kill came too late to prove anything"
    system.start("second", "worker")
    wait_for(lambda: sent_to(system, alert).total() > before, 15, what="the next attempt")
    assert time.monotonic() - killed < 15
    system.wait_until_sent(alert)
    demand_nobody_lost(system, alert, phones, most=2)


def test_ten_kills_at_random_moments_of_one_run_lose_nobody_and_repeat_no_more_than_was_on_the_way(
    system: System,
) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 8_000)
    system.google.fail(SLOW)
    system.more["SUREFOOT_WORKER_CONCURRENCY"] = "2"
    nursery = Nursery(system.environment(), system.folder / "nursery.log")
    alert = system.warn(zone)
    chance, on_the_way, running = random.Random(4), 0, nursery.start()  # noqa: S311 - moments, nothing secret
    wait_for(lambda: sent_to(system, alert), what="the first message")
    for _ in range(KILLS):
        before, running = running, nursery.start()
        time.sleep(chance.uniform(0, 2))
        os.kill(before, signal.SIGKILL)
        settled = rows(system, "SELECT sum(size) FROM batch WHERE alert_id = %s AND state = 'done'", alert)
        on_the_way += max(0, len(sent_to(system, alert)) - settled)
    assert len(sent_to(system, alert)) < len(phones), "the kills came too late to prove anything"
    system.google.fail()
    system.wait_until_sent(alert, 120)
    nursery.end()
    repeats = demand_nobody_lost(system, alert, phones, most=1 + KILLS)
    assert repeats <= on_the_way


def test_two_workers_share_the_work_with_a_third_that_joins_and_nobody_is_told_twice(system: System) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 8_000)
    system.google.fail(SLOW | {"delay": 2.0})
    system.more["SUREFOOT_WORKER_CONCURRENCY"] = "1"
    nursery = Nursery(system.environment(), system.folder / "nursery.log")
    alert = system.warn(zone)
    nursery.start()
    nursery.start()
    wait_for(lambda: len(sent_to(system, alert)) > 100, what="the first messages")
    nursery.start()
    living = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '4 seconds'"
    wait_for(lambda: rows(system, living) >= 3, what="the third worker")
    assert len(sent_to(system, alert)) < len(phones), "it came too late to prove anything"
    system.wait_until_sent(alert)
    demand_once_each(system, alert, phones)
    nursery.end()


def test_a_worker_of_the_last_version_sends_on_while_a_deploy_changes_the_tables(system: System) -> None:
    """A deploy migrates first and replaces workers after; a migration may add whatever it likes."""
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 6_000)
    system.google.fail(SLOW)
    system.more["SUREFOOT_WORKER_CONCURRENCY"] = "2"
    system.start("old", "worker")
    alert = system.warn(zone)
    wait_for(lambda: len(sent_to(system, alert)) > 500, what="the first messages")
    grow_every_table(system.database_url)
    before = sent_to(system, alert).total()
    assert before < len(phones), "the deploy came too late to prove anything"
    system.wait_until_sent(alert)
    demand_once_each(system, alert, phones)
    assert "job.failed" not in (system.folder / "old.log").read_text()


def grow_every_table(url: str) -> None:
    """Add a column in front of nobody's eyes to every table of ours, an index, and a table."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname NOT LIKE '%yoyo%' AND relname NOT LIKE 'procrastinate%'"
        ).fetchall()
        for (name,) in names:
            connection.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS of_tomorrow int NOT NULL DEFAULT 0").format(
                    sql.Identifier(name)
                )
            )
        connection.execute("CREATE TABLE IF NOT EXISTS tomorrow (batch_id bigint PRIMARY KEY)")
        connection.execute("CREATE INDEX IF NOT EXISTS batch_of_tomorrow ON batch (of_tomorrow)")
