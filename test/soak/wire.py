"""The doors into ddb, for clients that want to know what became of a request.

Every request ends in one of three ways, and the judge depends on them being told apart:

    ok        it was acknowledged
    no        it was refused and can't have changed anything
    unknown   nobody knows: the connection broke, or the server said that it failed

Nothing is ever sent again here.
"""

import collections
import http.client
import json
import socket

import psycopg2
import psycopg2.extensions

OK, NO, UNKNOWN = "ok", "no", "unknown"

# What a request came to: its answer when ok, the exception's name and body otherwise.
# late: it may still happen, for the client only got tired of waiting.
Result = collections.namedtuple("Result", "outcome answer error late", defaults=(None, None, False))

TIMEOUT = 30
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=soak/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
)
SQL_ERRORS = {
    "DY001": "ValidationException",
    "DY002": "ConditionalCheckFailedException",
    "DY003": "ResourceNotFoundException",
    "DY004": "ResourceInUseException",
    "DY008": "TransactionCanceledException",
    "DY009": "TransactionConflictException",
    "DY014": "TransactionInProgressException",
    "40001": "serialization failure",
    "40P01": "deadlock",
    "55P03": "lock timeout",
    "57014": "statement timeout",
}


class HttpDoor:
    name = "http"

    def __init__(self, place):
        self.port = place["http_port"]
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def request(self, operation, body):
        target = "DynamoDBStreams_20120810." if operation in STREAM_OPERATIONS else "DynamoDB_20120810."
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            self.close()
            return Result(NO, None, "not connected: %s" % error)
        try:
            self.connection.request(
                "POST",
                "/",
                json.dumps(body),
                {
                    "X-Amz-Target": target + operation,
                    "Content-Type": "application/x-amz-json-1.0",
                    "Authorization": AUTHORIZATION,
                    "X-Amz-Date": "20260101T000000Z",
                },
            )
            response = self.connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Result(UNKNOWN, None, "connection lost: %s" % type(error).__name__, isinstance(error, TimeoutError))
        try:
            answer = json.loads(text)
        except ValueError:
            return Result(UNKNOWN, None, "no JSON, status %d" % response.status)
        if response.status == 200:
            return Result(OK, answer)
        error = answer.get("__type", "").rpartition("#")[2]
        return Result(NO if response.status < 500 else UNKNOWN, answer, error or "status %d" % response.status)


class SqlDoor:
    name = "sql"

    def __init__(self, place):
        self.place = place
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def connect(self):
        if self.connection is None:
            connection = psycopg2.connect(
                host=self.place["socket"],
                port=self.place["port"],
                user="postgres",
                dbname="ddb",
                connect_timeout=TIMEOUT,
                options="-c statement_timeout=%ds" % TIMEOUT,
            )
            connection.autocommit = True
            self.connection = connection
        return self.connection

    def failed(self, error):
        """The outcome of a statement that a commit of its own goes with."""
        code = error.pgcode
        if code is None or code[:2] in ("57", "08") and code != "57014":
            self.close()
            return Result(UNKNOWN, None, "connection lost")
        if self.connection is not None and self.connection.closed:
            self.close()
        return Result(NO, None, SQL_ERRORS.get(code, "SQLSTATE %s: %s" % (code, error.diag.message_primary)))

    def request(self, operation, body):
        try:
            cursor = self.connect().cursor()
        except psycopg2.Error:
            self.close()
            return Result(NO, None, "not connected")
        try:
            cursor.execute("SELECT ddb_request(%s, %s)", (operation, json.dumps(body)))
            return Result(OK, cursor.fetchone()[0])
        except psycopg2.Error as error:
            return self.failed(error)

    def transaction(self, requests, isolation="READ COMMITTED"):
        """Requests between BEGIN and COMMIT; what fails before COMMIT is sent has certainly not happened."""
        answers = []
        try:
            cursor = self.connect().cursor()
            cursor.execute("BEGIN ISOLATION LEVEL " + isolation)
            for operation, body in requests:
                cursor.execute("SELECT ddb_request(%s, %s)", (operation, json.dumps(body)))
                answers.append(cursor.fetchone()[0])
        except psycopg2.Error as error:
            result = self.failed(error)
            self.close()
            return Result(NO, None, result.error)
        try:
            cursor.execute("COMMIT")
            return Result(OK, answers)
        except psycopg2.Error as error:
            result = self.failed(error)
            self.close()
            return result

    def rows(self, *statement):
        """One query's rows; raises psycopg2.Error."""
        try:
            cursor = self.connect().cursor()
            cursor.execute(*statement)
            return cursor.fetchall() if cursor.description else []
        except psycopg2.Error:
            self.close()
            raise


STREAM_OPERATIONS = {"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"}
