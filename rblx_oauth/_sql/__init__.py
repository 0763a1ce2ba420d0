"""The SQL behind the SQL stores: tables, statements, and how a database is opened.

Neither colour: `rblx_oauth._async.stores.sql` and its twin run what stands here.
SQLAlchemy and the drivers are imported here and in those two modules only.
"""

from rblx_oauth._sql.choice import database
from rblx_oauth._sql.database import Database, KeyTaken
from rblx_oauth._sql.schema import SCHEMA_VERSION, migrate, prepare

__all__ = [
    "SCHEMA_VERSION",
    "Database",
    "KeyTaken",
    "database",
    "migrate",
    "prepare",
]
