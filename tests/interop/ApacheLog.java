// Apache Kafka's log, driven by lines on standard input; answers one line each. The other side of
// test_differential_log.py and of the benchmark of logs.
//
// java -cp JARS ApacheLog.java DIR START_MS [key=value ...]
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import kafka.log.Cleaner;
import kafka.log.LogCleanerManager;
import kafka.log.LogToClean;
import kafka.log.UnifiedLog;
import kafka.server.BrokerTopicStats;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.FetchIsolation;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogOffsetsListener;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.utils.Throttler;
import scala.Option;
import scala.runtime.BoxedUnit;

public class ApacheLog {
  /// Stands still until "advance".
  static class FixedTime implements Time {
    long now;
    public long milliseconds() { return now; }
    public long nanoseconds() { return now * 1_000_000; }
    public void sleep(long ms) { now += ms; }
    public void waitObject(Object object, Supplier<Boolean> done, long deadline) {}
  }

  final FixedTime time = new FixedTime();
  final KafkaScheduler scheduler = new KafkaScheduler(1);
  final LogConfig config;
  final UnifiedLog log;
  Option<Object> cleanTo = Option.empty();

  ApacheLog(String dir, long startMs, Map<Object, Object> settings, boolean clean, long logStart) {
    time.now = startMs;
    config = new LogConfig(settings);
    scheduler.startup();
    log = UnifiedLog.apply(new File(dir), config, logStart, 0L, scheduler, new BrokerTopicStats(false), time,
        3_600_000, new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000,
        new LogDirFailureChannel(1), clean, Option.empty(), true, UnifiedLog.apply$default$15(), false,
        LogOffsetsListener.NO_OP_OFFSETS_LISTENER);
    log.updateHighWatermark(log.logEndOffset());
  }

  String append(String hex, int epoch, boolean coordinator) {
    MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    var origin = coordinator ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
    var info = log.appendAsLeader(records, epoch, origin, log.appendAsLeader$default$4(),
        log.appendAsLeader$default$5(), log.appendAsLeader$default$6());
    log.updateHighWatermark(log.logEndOffset());
    return info.firstOffset() + " " + info.lastOffset();
  }

  String read(long offset, int maxBytes) throws Exception {
    var records = log.read(offset, maxBytes, FetchIsolation.LOG_END, true).records;
    ByteBuffer buffer = ByteBuffer.allocate(records.sizeInBytes());
    if (records instanceof FileRecords file) {
      file.readInto(buffer, 0);
    }
    CRC32 checksum = new CRC32();
    checksum.update(buffer.array(), 0, records.sizeInBytes());
    return records.sizeInBytes() + " " + checksum.getValue();
  }

  String clean() throws Exception {
    var offsets = LogCleanerManager.cleanableOffsets(log, cleanTo, time.now);
    var dirty = new LogToClean(log.topicPartition(), log, offsets.firstDirtyOffset(),
        offsets.firstUncleanableDirtyOffset(), true);
    if (dirty.cleanableBytes() == 0) return "none";
    Throttler throttler = new Throttler(Double.MAX_VALUE, 300, "throttler", "entries", Time.SYSTEM);
    Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(128 << 20), 256 << 10, 1 << 20, 0.9, throttler, time,
        partition -> BoxedUnit.UNIT);
    var result = cleaner.clean(dirty);
    cleanTo = Option.apply(result._1());
    return String.valueOf(result._1());
  }

  /// A roll is flushed in the background: the next request must not come in between.
  void settle() throws InterruptedException {
    if (!scheduler.isStarted()) return;
    CountDownLatch done = new CountDownLatch(1);
    scheduler.scheduleOnce("settle", done::countDown);
    done.await();
  }

  String answer(String[] words) throws Exception {
    switch (words[0]) {
      case "append": return append(words[1], Integer.parseInt(words[2]), words[3].equals("coordinator"));
      case "read": return read(Long.parseLong(words[1]), Integer.parseInt(words[2]));
      case "time": {
        var found = log.fetchOffsetByTimestamp(Long.parseLong(words[1]), Option.empty());
        return found.isEmpty() ? "none" : found.get().timestamp + " " + found.get().offset;
      }
      case "roll": log.roll(Option.empty()); return "ok";
      case "flush": log.flush(true); return "ok";
      case "truncate": return String.valueOf(log.truncateTo(Long.parseLong(words[1])));
      case "delete_records":
        log.maybeIncrementLogStartOffset(Long.parseLong(words[1]), LogStartOffsetIncrementReason.ClientRecordDeletion);
        return String.valueOf(log.logStartOffset());
      case "retention": return String.valueOf(log.deleteOldSegments());
      case "clean": return clean();
      case "advance": time.now += Long.parseLong(words[1]); return "ok";
      case "offsets":
        return log.logStartOffset() + " " + log.lastStableOffset() + " " + log.highWatermark() + " " + log.logEndOffset();
      case "close": log.close(); scheduler.shutdown(); return "ok";
      default: throw new IllegalArgumentException(words[0]);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Properties settings = new Properties();
    boolean clean = false;
    long logStart = 0;
    for (int i = 2; i < arguments.length; ++i) {
      String[] pair = arguments[i].split("=", 2);
      if (pair[0].equals("--clean-shutdown")) clean = true;
      else if (pair[0].equals("--log-start-offset")) logStart = Long.parseLong(pair[1]);
      else settings.put(pair[0], pair[1]);
    }
    ApacheLog log = new ApacheLog(arguments[0], Long.parseLong(arguments[1]), settings, clean, logStart);
    System.out.println("ready");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        String answer = log.answer(line.split(" "));
        log.settle();
        System.out.println(answer);
      } catch (Exception e) {
        System.out.println("error " + e.getClass().getSimpleName());
      }
    }
    System.exit(0);
  }
}
