// One figure of Apache Kafka's log, as log_bench.cpp takes it of ours: the same work on a directory that
// either made. ApacheLogBench COMMAND DIR ARGUMENTS... prints "seconds cpu_seconds bytes count" of the last of
// some rounds, the ones before it to warm the JVM.
import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import kafka.log.Cleaner;
import kafka.log.LogCleanerManager;
import kafka.log.LogToClean;
import kafka.log.UnifiedLog;
import kafka.server.BrokerTopicStats;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.FetchIsolation;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogOffsetsListener;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.utils.Throttler;
import scala.Option;
import scala.runtime.BoxedUnit;

public class ApacheLogBench {
  static final int RECORDS_PER_BATCH = 100;
  static final int VALUE_SIZE = 100;
  static final long FIRST_TIMESTAMP = 1_700_000_000_000L;
  static final KafkaScheduler scheduler = new KafkaScheduler(1);
  static final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  static UnifiedLog open(String dir, boolean clean) {
    Properties settings = new Properties();
    settings.put("segment.bytes", String.valueOf(256 << 20));
    settings.put("cleanup.policy", "compact");
    UnifiedLog log = UnifiedLog.apply(new File(dir), new LogConfig(settings), 0L, 0L, scheduler,
        new BrokerTopicStats(false), Time.SYSTEM, 3_600_000, new ProducerStateManagerConfig(86_400_000, false), 600_000,
        new LogDirFailureChannel(1), clean, Option.empty(), true, UnifiedLog.apply$default$15(), false,
        LogOffsetsListener.NO_OP_OFFSETS_LISTENER);
    log.updateHighWatermark(log.logEndOffset());
    return log;
  }

  /// work gives {bytes, count}.
  static void timed(Callable<long[]> work) throws Exception {
    long cpu = system.getProcessCpuTime(), start = System.nanoTime();
    long[] done = work.call();
    System.out.printf(Locale.ROOT, "%.4f %.4f %d %d%n", (System.nanoTime() - start) / 1e9,
        (system.getProcessCpuTime() - cpu) / 1e9, done[0], done[1]);
  }

  static void append(String dir, long bytes, int keys) throws Exception {
    Random random = new Random(1);
    List<ByteBuffer> batches = new ArrayList<>();
    for (int i = 0; i < 2000; ++i) {
      SimpleRecord[] records = new SimpleRecord[RECORDS_PER_BATCH];
      byte[] value = new byte[VALUE_SIZE];
      java.util.Arrays.fill(value, (byte) ('a' + i % 26));
      for (int n = 0; n < records.length; ++n)
        records[n] = new SimpleRecord(FIRST_TIMESTAMP + i, ("key-" + random.nextInt(keys)).getBytes(), value);
      batches.add(MemoryRecords.withRecords(Compression.NONE, records).buffer());
    }
    for (int round = 0; round < 2; ++round) {
      String where = round == 0 ? dir + "-warm-0" : dir;
      long wanted = round == 0 ? bytes / 4 : bytes;
      UnifiedLog log = open(where, true);
      timed(() -> {
        long written = 0, count = 0;
        for (int i = 0; written < wanted; ++i) {
          ByteBuffer source = batches.get(i % batches.size());
          ByteBuffer batch = ByteBuffer.allocate(source.remaining());
          batch.put(source.duplicate()).flip();
          written += batch.remaining();
          count += RECORDS_PER_BATCH;
          log.appendAsLeader(MemoryRecords.readableRecords(batch), 0, log.appendAsLeader$default$3(),
              log.appendAsLeader$default$4(), log.appendAsLeader$default$5(), log.appendAsLeader$default$6());
        }
        return new long[] {written, count};
      });
      log.close();
    }
  }

  static void read(String dir) throws Exception {
    UnifiedLog log = open(dir, true);
    for (int round = 0; round < 2; ++round) {
      timed(() -> {
        long bytes = 0, count = 0, at = log.logStartOffset();
        ByteBuffer buffer = ByteBuffer.allocate(2 << 20);
        while (at < log.logEndOffset()) {
          FileRecords records = (FileRecords) log.read(at, 1 << 20, FetchIsolation.LOG_END, true).records;
          buffer.clear();
          records.readInto(buffer, 0);
          for (var batch : MemoryRecords.readableRecords(buffer).batches()) at = batch.nextOffset();
          bytes += records.sizeInBytes();
          ++count;
        }
        return new long[] {bytes, count};
      });
    }
    log.close();
  }

  static void lookUp(String dir, long count, boolean byTime) throws Exception {
    UnifiedLog log = open(dir, true);
    Random random = new Random(2);
    for (int round = 0; round < 3; ++round) {
      timed(() -> {
        long found = 0;
        for (long i = 0; i < count; ++i) {
          if (byTime) {
            found += log.fetchOffsetByTimestamp(FIRST_TIMESTAMP + random.nextInt(2000), Option.empty()).get().offset >= 0 ? 1 : 0;
          } else {
            long offset = (long) (random.nextDouble() * log.logEndOffset());
            // Where a record lies: what our convert_to_offset_metadata answers.
            found += log.read(offset, 1, FetchIsolation.LOG_END, true).fetchOffsetMetadata.relativePositionInSegment >= 0 ? 1 : 0;
          }
        }
        return new long[] {found, count};
      });
    }
    log.close();
  }

  static void recover(String dir) throws Exception {
    for (int round = 0; round < 2; ++round) {
      timed(() -> {
        UnifiedLog log = open(dir, false);
        return new long[] {log.size(), log.numberOfSegments()};
      });
    }
  }

  static void clean(String dir) throws Exception {
    // Round 0 on a copy that the caller made beside.
    for (String where : new String[] {dir + "-warm-0", dir}) {
      UnifiedLog log = open(where, true);
      if (log.activeSegment().size() > 0) log.roll(Option.empty());
      log.updateHighWatermark(log.logEndOffset());
      timed(() -> {
        Throttler throttler = new Throttler(Double.MAX_VALUE, 300, "throttler", "entries", Time.SYSTEM);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(128 << 20), 256 << 10, 1 << 20, 0.9, throttler, Time.SYSTEM,
            partition -> BoxedUnit.UNIT);
        var offsets = LogCleanerManager.cleanableOffsets(log, Option.empty(), System.currentTimeMillis());
        var stats = cleaner.clean(new LogToClean(log.topicPartition(), log, offsets.firstDirtyOffset(),
            offsets.firstUncleanableDirtyOffset(), true))._2();
        return new long[] {stats.bytesRead(), stats.messagesRead()};
      });
      log.close();
    }
  }

  static void openMany(String dir, int count) throws Exception {
    for (int round = 0; round < 2; ++round) {
      List<UnifiedLog> logs = new ArrayList<>();
      timed(() -> {
        for (int i = 0; i < count; ++i) logs.add(open(dir + "/t-" + i, true));
        return new long[] {0, count};
      });
      for (UnifiedLog log : logs) log.close();
    }
  }

  public static void main(String[] arguments) throws Exception {
    scheduler.startup();
    String dir = arguments[1];
    switch (arguments[0]) {
      case "append": append(dir, Long.parseLong(arguments[2]), Integer.parseInt(arguments[3])); break;
      case "read": read(dir); break;
      case "offset": lookUp(dir, Long.parseLong(arguments[2]), false); break;
      case "time": lookUp(dir, Long.parseLong(arguments[2]), true); break;
      case "recover": recover(dir); break;
      case "clean": clean(dir); break;
      case "open": openMany(dir, Integer.parseInt(arguments[2])); break;
      default: throw new IllegalArgumentException(arguments[0]);
    }
    System.exit(0);
  }
}
