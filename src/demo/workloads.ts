import type { AppKind, DemoPod } from './cluster.ts';
import { goTime, javaTime, klog, nginxTime, rfc3339Millis } from './formats.ts';
import type { Incident } from './incidents.ts';
import type { Random } from './random.ts';

/** What one event of a container writes; `text` may be several lines. */
export interface Output {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export type OutputMaker = (timeMs: number, incident: Incident | undefined) => Output;

const out = (text: string): Output => ({ stream: 'stdout', text });
const err = (text: string): Output => ({ stream: 'stderr', text });

const paths: readonly (readonly [number, string])[] = [
  [20, '/'],
  [18, '/api/v1/products?page=1'],
  [10, '/api/v1/search?q=%ED%82%A4%EB%B3%B4%EB%93%9C'],
  [12, '/api/v1/cart'],
  [8, '/api/v1/orders'],
  [6, '/static/app.7f3c2b.js'],
  [5, '/static/app.css'],
  [4, '/favicon.ico'],
  [3, '/healthz'],
  [1, '/wp-login.php'],
];
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 16; SM-S936N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'kube-probe/1.33',
  'curl/8.15.0',
];

function nginx(random: Random): OutputMaker {
  return (timeMs, incident) => {
    const path = random.weighted(paths);
    const isApi = path.startsWith('/api/');
    const isDown = incident?.kind === 'database-down' && isApi && random.chance(0.35);
    const status = isDown
      ? random.pick([502, 502, 504])
      : path === '/wp-login.php'
        ? 404
        : random.weighted([
            [90, 200],
            [4, 304],
            [2, 301],
            [2, 404],
            [1, 499],
          ]);
    const ip = `${random.pick([1, 14, 39, 61, 106, 121, 175, 211])}.${random.int(1, 250)}.${random.int(0, 250)}.${random.int(1, 250)}`;
    const seconds = isDown ? 5 + random.next() * 10 : random.exponential(isApi ? 0.06 : 0.004);
    const method =
      path === '/api/v1/orders' || (path === '/api/v1/cart' && random.chance(0.3)) ? 'POST' : 'GET';
    if (isDown && random.chance(0.3)) {
      return err(
        `${goTime(timeMs)} [error] 29#29: *${random.int(1000, 99999)} upstream timed out (110: Operation timed out) while reading response header from upstream, client: ${ip}, server: shop.example.com, request: "${method} ${path} HTTP/1.1", upstream: "http://10.0.2.31:8080${path}", host: "shop.example.com"`,
      );
    }
    return out(
      `${ip} - - [${nginxTime(timeMs)}] "${method} ${path} HTTP/1.1" ${status} ${status === 304 ? 0 : random.int(200, 48_000)} "https://shop.example.com/" "${random.pick(agents)}" ${seconds.toFixed(3)}`,
    );
  };
}

const javaFrames = [
  'org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:373)',
  'org.postgresql.core.ConnectionFactory.openConnection(ConnectionFactory.java:57)',
  'org.postgresql.jdbc.PgConnection.<init>(PgConnection.java:282)',
  'com.zaxxer.hikari.pool.PoolBase.newConnection(PoolBase.java:362)',
  'com.zaxxer.hikari.pool.HikariPool.createPoolEntry(HikariPool.java:483)',
  'com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:99)',
  'com.example.shop.payment.PaymentRepository.find(PaymentRepository.java:48)',
  'com.example.shop.payment.PaymentService.authorize(PaymentService.java:112)',
  'com.example.shop.payment.PaymentController.pay(PaymentController.java:61)',
  'java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:104)',
  'org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)',
  'java.base/java.lang.Thread.run(Thread.java:1583)',
];

function payment(random: Random): OutputMaker {
  return (timeMs, incident) => {
    const head = (level: string, logger: string): string =>
      `${javaTime(timeMs)} ${level.padStart(5)} 1 --- [http-nio-8080-exec-${random.int(1, 20)}] ${logger} : `;
    const isDown = incident?.kind === 'database-down';
    if (isDown ? random.chance(0.5) : random.chance(0.004)) {
      const frames = javaFrames.map((frame) => `\tat ${frame}`).join('\n');
      return out(
        `${head('ERROR', 'c.e.shop.payment.PaymentController      ')}Cannot authorize payment order=${random.int(100_000, 999_999)}\n` +
          'org.springframework.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection\n' +
          `${frames}\nCaused by: org.postgresql.util.PSQLException: Connection to db.shop.svc:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.\n` +
          `${frames.split('\n').slice(0, 5).join('\n')}\n\t... 41 common frames omitted`,
      );
    }
    if (isDown && random.chance(0.3)) {
      return out(
        `${head('WARN', 'com.zaxxer.hikari.pool.PoolBase         ')}HikariPool-1 - Connection is not available, request timed out after ${random.int(30_000, 30_040)}ms (total=10, active=10, idle=0, waiting=${random.int(3, 60)})`,
      );
    }
    return out(
      `${head('INFO', 'c.e.shop.payment.PaymentService         ')}Payment authorized order=${random.int(100_000, 999_999)} amount=${random.int(5, 300) * 1000} currency=KRW took=${random.int(8, 220)}ms`,
    );
  };
}

const users = ['김민준', '이서연', '박지훈', '최유진', '정하은', 'alice', 'bob'];

function jsonLine(fields: Readonly<Record<string, unknown>>): Output {
  return out(JSON.stringify(fields));
}

function checkout(random: Random, pod: DemoPod): OutputMaker {
  return (timeMs, incident) => {
    const orderId = random.int(100_000, 999_999);
    const base = {
      time: rfc3339Millis(timeMs),
      service: 'checkout',
      pod: pod.name,
      traceId: random.hex(32),
    };
    if (incident?.kind === 'database-down' && random.chance(0.45)) {
      return jsonLine({
        ...base,
        level: 'error',
        msg: '주문을 처리하지 못했습니다',
        error: 'payment: context deadline exceeded',
        orderId,
        user: random.pick(users),
        retry: random.int(1, 3),
        durationMs: random.int(5000, 15_000),
      });
    }
    const level = random.chance(0.01) ? 'warn' : 'info';
    return jsonLine({
      ...base,
      level,
      msg: level === 'warn' ? '재고 부족으로 주문 수량을 줄였습니다' : '주문이 접수되었습니다',
      orderId,
      user: random.pick(users),
      items: random.int(1, 6),
      totalKrw: random.int(5, 300) * 1000,
      durationMs: Math.round(random.exponential(80)),
    });
  };
}

function inventory(random: Random): OutputMaker {
  return (timeMs, incident) => {
    const isPanic = incident?.kind === 'traffic-burst' && random.chance(0.002);
    if (isPanic) {
      const go = random.int(20, 900);
      return err(
        `panic: runtime error: index out of range [${random.int(5, 9)}] with length 5\n\ngoroutine ${go} [running]:\nmain.(*Warehouse).Reserve(0xc0001a2000, {0xc00051c1e0, 0x24}, 0x3)\n\t/src/inventory/warehouse.go:87 +0x1f4\nmain.(*Server).handleReserve(0xc000142070, {0x8d2f60, 0xc0002d40e0}, 0xc0003c8140)\n\t/src/inventory/server.go:142 +0x2a5\nnet/http.HandlerFunc.ServeHTTP(0xc0002d40e0?, {0x8d2f60?, 0xc0002d40e0?}, 0x0?)\n\t/usr/local/go/src/net/http/server.go:2294 +0x29\ncreated by net/http.(*Server).Serve in goroutine 1\n\t/usr/local/go/src/net/http/server.go:3493 +0x485`,
      );
    }
    return random.chance(0.97)
      ? out(
          `time=${rfc3339Millis(timeMs)} level=INFO msg="stock reserved" sku=KB-${random.int(100, 999)} quantity=${random.int(1, 5)} warehouse=${random.pick(['icheon', 'busan', 'gwangju'])} left=${random.int(0, 400)}`,
        )
      : out(
          `time=${rfc3339Millis(timeMs)} level=WARN msg="stock low" sku=KB-${random.int(100, 999)} left=${random.int(0, 9)}`,
        );
  };
}

function notify(random: Random): OutputMaker {
  return (timeMs) =>
    jsonLine({
      ts: timeMs / 1000,
      level: random.chance(0.02) ? 'error' : 'info',
      logger: 'notify.sender',
      message: random.pick([
        '카카오 알림톡을 보냈습니다',
        '문자를 보냈습니다',
        'email queued',
        'push delivered',
      ]),
      channel: random.pick(['kakao', 'sms', 'email', 'push']),
      template: random.pick(['order_confirmed', 'shipped', 'coupon']),
      to: `user-${random.int(1, 90_000)}`,
      attempt: 1,
    });
}

function search(random: Random): OutputMaker {
  const words = ['키보드', '마우스', '모니터', 'usb 허브', 'laptop stand', '기계식 키보드'];
  return (timeMs, incident) =>
    jsonLine({
      '@timestamp': rfc3339Millis(timeMs),
      level: 'INFO',
      query: random.pick(words),
      hits: random.int(0, 3000),
      tookMs: Math.round(random.exponential(incident?.kind === 'traffic-burst' ? 180 : 25)),
      cache: random.chance(0.7) ? 'hit' : 'miss',
      shard: random.int(0, 4),
    });
}

function coredns(random: Random): OutputMaker {
  return () =>
    random.chance(0.9)
      ? out(
          `[INFO] 10.0.${random.int(1, 3)}.${random.int(10, 240)}:${random.int(30_000, 60_000)} - ${random.int(1000, 65_000)} "${random.pick(['A', 'AAAA'])} IN ${random.pick(['payment.shop.svc.cluster.local.', 'db.shop.svc.cluster.local.', 'sts.ap-northeast-2.amazonaws.com.'])} udp 62 false 1232" NOERROR qr,aa,rd 146 0.000${random.int(100, 900)}s`,
        )
      : out(
          `[ERROR] plugin/errors: 2 db.shop.svc.cluster.local. A: read udp 10.0.1.9:${random.int(30_000, 60_000)}->10.0.0.2:53: i/o timeout`,
        );
}

function awsNode(random: Random): OutputMaker {
  return (timeMs) =>
    out(
      `{"level":"${random.chance(0.97) ? 'info' : 'warn'}","ts":"${rfc3339Millis(timeMs)}","caller":"ipamd/ipamd.go:${random.int(400, 1800)}","msg":"${random.pick(['Adding cidrs to datastore', 'IP pool stats: Total IPs/Prefixes = 30/0, AssignedIPs/CooldownIPs: 12/1', 'Reconciling ENI/IP pool info because time since last'])}"}`,
    );
}

/** A job that logs much of one thing: long JSON lines past the runtime's 16 KiB. */
function batch(random: Random): OutputMaker {
  return (timeMs) => {
    if (random.chance(0.97)) {
      return err(
        klog(
          'I',
          timeMs,
          1,
          'settle.go:88',
          `"settled" merchant="m-${random.int(1, 400)}" orders=${random.int(1, 90)}`,
        ),
      );
    }
    const orders = Array.from({ length: random.int(300, 600) }, () => ({
      id: random.int(100_000, 999_999),
      krw: random.int(5, 300) * 1000,
      state: random.pick(['정산완료', '보류']),
    }));
    return jsonLine({
      time: rfc3339Millis(timeMs),
      level: 'info',
      msg: 'settlement report',
      orders,
    });
  };
}

const makers: Readonly<Record<AppKind, (random: Random, pod: DemoPod) => OutputMaker>> = {
  nginx,
  checkout,
  payment,
  inventory,
  notify,
  search,
  coredns,
  'aws-node': awsNode,
  batch,
};

/** Events per second of one pod, when nothing is wrong. */
export const eventsPerSecond: Readonly<Record<AppKind, number>> = {
  nginx: 12,
  checkout: 6,
  payment: 4,
  inventory: 4,
  notify: 2,
  search: 6,
  coredns: 2,
  'aws-node': 0.3,
  batch: 1,
};

export function outputMaker(pod: DemoPod, random: Random): OutputMaker {
  return makers[pod.app](random, pod);
}
